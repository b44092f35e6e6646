using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>A session that stands: everybody has accepted and is connected by MSRP.</summary>
public sealed class Group
{
    private readonly Dictionary<Handset, Call> _calls = [];

    private Group(Handset inviter, Call call) => _calls[inviter] = call;

    public Call this[Handset handset] => _calls[handset];

    public string SessionIdentity => _calls.Values.First().SessionIdentity;

    /// <summary>The inviter asks the factory; everybody accepts in that order.</summary>
    public static async Task<Group> StartAsync(
        Handset inviter, IReadOnlyList<Handset> invited, InviteOptions? options = null, AcceptOptions? accept = null)
    {
        var starting = inviter.StartGroup(
            DemoProfile.Factory, [.. invited.Select(handset => handset.AddressOfRecord)], options);
        var calls = new List<Call>();
        foreach (var handset in invited)
            calls.Add(await AcceptAsync(handset, accept));

        var group = new Group(inviter, await Within(starting.Answered));
        foreach (var (handset, call) in invited.Zip(calls))
            group._calls[handset] = call;
        await Within(Task.WhenAll(group._calls.Values.Select(call => call.Msrp!.Connected)));

        // The ACK says that the leg is in: who speaks before it is not heard there.
        await Within(Task.WhenAll(calls.Select(call => call.Acknowledged)));
        return group;
    }

    /// <summary>A session of calls that stand already.</summary>
    public static Group Of((Handset Handset, Call Call) inviter, params ReadOnlySpan<(Handset Handset, Call Call)> others)
    {
        var group = new Group(inviter.Handset, inviter.Call);
        foreach (var (handset, call) in others)
            group._calls[handset] = call;
        return group;
    }

    /// <summary>Everybody is connected by MSRP, and the sidecar knows of it.</summary>
    public async Task ConnectedAsync()
    {
        await Within(Task.WhenAll(_calls.Values.Select(call => call.Msrp!.Connected)));
        await Within(Task.WhenAll(_calls.Values.Where(call => !call.IsCaller).Select(call => call.Acknowledged)));
    }

    public static async Task<Call> AcceptAsync(Handset handset, AcceptOptions? options = null)
    {
        var ringing = await Next(handset.IncomingCalls);
        var call = await Within(ringing.AcceptAsync(options));
        Assert.NotNull(call);
        return call;
    }

    /// <summary>A text for everybody, in a CPIM message; the status of its answer.</summary>
    public async Task<int> SayAsync(Handset speaker, string text) =>
        (await Within(this[speaker].Msrp!.SendTextAsync(speaker.AddressOfRecord, SessionIdentity, text))).Status;

    /// <summary>The next message that reaches the handset.</summary>
    public async Task<MsrpMessage> HearAsync(Handset listener)
    {
        var message = await Next(this[listener].Msrp!.Messages);
        Assert.NotNull(message.Cpim);
        return message;
    }

    /// <summary>Fails if the handset heard something nobody has waited for.</summary>
    public void AssertHeardNothing(Handset listener) => Assert.False(this[listener].Msrp!.Messages.TryPeek(out _));
}
