using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.EndToEnd.Tests.Chaos;

/// <summary>One session and those who were to be in it; afterwards each is in or out, and the others agree.</summary>
internal sealed class ChaosRoom(IReadOnlyList<ChaosPhone> phones, bool lostTransactions)
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyList<string>> FaultsAsync()
    {
        List<string> faults = [];
        foreach (var phone in phones)
        {
            if (await SettleAsync(phone) is { } fault)
                faults.Add($"{phone.Handset.Options.User}: {fault}");
        }

        List<ChaosPhone> members = [];
        foreach (var phone in phones.Where(phone => phone.IsIn))
        {
            var fault = await MembershipFaultAsync(phone);
            if (fault is not null)
                faults.Add($"{phone.Handset.Options.User}: {fault}");
            else if (phone.IsIn)
                members.Add(phone);
        }

        if (faults.Count == 0 && members.Count > 1)
            faults.AddRange(await TalkFaultsAsync(members));
        faults.AddRange(OnceOnTheWire.Faults(phones.Select(phone => phone.Handset)));
        faults.AddRange(phones.SelectMany(phone => phone.Handset.Violations
            .Select(violation => violation.ToString())
            .Where(violation => !lostTransactions || !IsOfLostTransactions(violation))
            .Select(violation => $"{phone.Handset.Options.User}: {violation}")));
        return faults;
    }

    // Nobody is left who could acknowledge what Kamailio has forgotten, and a BYE whose answer it took along comes again.
    private static bool IsOfLostTransactions(string violation) =>
        violation.Contains("no ACK for a refusal of ours", StringComparison.Ordinal)
        || (violation.Contains("a request after the BYE", StringComparison.Ordinal)
            && violation.Contains(" BYE]", StringComparison.Ordinal));

    private async Task<string?> SettleAsync(ChaosPhone phone)
    {
        phone.LookAgain();
        if (phone.Starting is { } starting && !lostTransactions && !await IsDoneAsync(starting.Final))
            return "waits for an answer";

        if (phone.Ringing is { } ringing && !await IsDoneAsync(ringing.Cancelled))
        {
            // Nothing stops a phone whose 180 died with Kamailio; who picks up is sent away.
            if (!lostTransactions)
                return "rings on";

            await phone.PickUpAsync();
        }

        phone.LookAgain();
        return phone.Call is { IsCaller: false, Ended.IsCompleted: false } call
            && !await IsDoneAsync(Task.WhenAny(call.Acknowledged, call.Ended))
            ? "has no ACK for his 200"
            : null;
    }

    // In a dialog that the server knows too, or told soon that it does not.
    private static async Task<string?> MembershipFaultAsync(ChaosPhone phone)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        using var limit = new CancellationTokenSource(_deadline);
        var status = 0;
        while (phone.IsIn && !limit.IsCancellationRequested)
        {
            status = (await phone.Call!.UpdateAsync()).Status;
            if (status is 200 or 491)
                return null;

            await tick.WaitForNextTickAsync();
        }

        return phone.IsIn ? $"believes to be in, and the server says {status}" : null;
    }

    private static async Task<IEnumerable<string>> TalkFaultsAsync(List<ChaosPhone> members)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        using var limit = new CancellationTokenSource(_deadline);
        List<string> silent = [];
        for (var attempt = 1; !limit.IsCancellationRequested; attempt++)
        {
            silent = await SilentAsync(members.Where(member => member.IsIn).ToList(), $"word {attempt}");
            if (silent.Count == 0)
                break;

            await tick.WaitForNextTickAsync();
        }

        return silent;
    }

    /// <summary>Who is not heard by all others, and why.</summary>
    private static async Task<List<string>> SilentAsync(List<ChaosPhone> members, string word)
    {
        List<string> silent = [];
        foreach (var speaker in members)
        {
            var text = $"{word} of {speaker.Handset.Options.User}";
            if (await UnheardAsync(speaker, members.Where(each => each != speaker).ToList(), text) is { } reason)
                silent.Add($"{speaker.Handset.Options.User} is in but not heard: {reason}");
        }

        return silent;
    }

    private static async Task<string?> UnheardAsync(ChaosPhone speaker, List<ChaosPhone> listeners, string text)
    {
        var at = "connecting";
        try
        {
            foreach (var member in listeners.Append(speaker))
                await ConnectAsync(member.Call!.Msrp!);
            at = "speaking";
            if ((await speaker.SayAsync(text).WaitAsync(_deadline)).Status is not MsrpStatus.Ok and var status)
                return $"{status} to what he says";

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            foreach (var listener in listeners)
            {
                at = "hearing, " + listener.Handset.Options.User;
                await HearAsync(listener.Call!, text, limit.Token);
            }

            return null;
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException or TimeoutException
            or InvalidOperationException or OperationCanceledException)
        {
            return $"{at}: {error.Message}";
        }
    }

    // To him who is passive the server connects; what it does not take is no connection, and is tried anew.
    private static async Task ConnectAsync(MsrpSession session)
    {
        if (!session.IsConnected && session.IsActive && await session.ConnectAsync() != MsrpStatus.Ok)
            session.DropConnection();
    }

    private static async Task HearAsync(Call listener, string text, CancellationToken cancellation)
    {
        await foreach (var message in listener.Msrp!.Messages.ReadAllAsync(cancellation))
        {
            if (message.Text == text)
                return;
        }
    }

    private static async Task<bool> IsDoneAsync(Task task) =>
        await Task.WhenAny(task, Task.Delay(_deadline)) == task;
}
