using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>Flows of a user who is away and of those who call her; she calls for what was said.</summary>
public abstract class AwayFlow(DemoProfile profile) : Flow(profile)
{
    protected const string Store = "sip:deferred@im.example.com";

    private static readonly InviteOptions _all = new()
    {
        Msrp = new()
        {
            AcceptTypes = ["message/cpim", "message/sip", "message/sipfrag", "multipart/mixed"],
            AcceptWrappedTypes = ["*"],
        },
    };

    // Nobody else's messages are in the way.
    protected string User { get; } = $"erin-{Guid.NewGuid():N}";

    protected override IReadOnlyList<string> Settings =>
    [
        "--Participating:Domains:0=example.com", "--Controlling:MediaReconnect=00:00:08",
        "--Deferred:MaxMessagesPerUser=3", "--Deferred:GroupSessions=true", "--Deferred:IdleTimeout=00:00:10",
    ];

    protected string Away => $"sip:{User}@example.com";

    protected async Task<Call> CallAsync(Handset caller, MsrpOptions? msrp = null)
    {
        var call = await Within(caller.Invite(Away, new() { Msrp = msrp ?? new() }).Answered);
        await Within(call.Msrp!.Connected);
        return call;
    }

    protected async Task<int> SayAsync(Handset caller, Call call, string text) =>
        (await Within(call.Msrp!.SendTextAsync(caller.AddressOfRecord, Away, text))).Status;

    /// <summary>What waits for her, as she gets it when she calls.</summary>
    protected async Task<List<MsrpMessage>> FetchAsync(int count, string parameters = "")
    {
        var erin = Stranger(User);
        var call = await Within(erin.Invite(Store + parameters, _all).Answered);
        var messages = new List<MsrpMessage>();
        while (messages.Count < count)
            messages.Add(await Next(call.Msrp!.Messages));
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        Assert.False(call.Msrp!.Messages.TryPeek(out _));
        return messages;
    }

    protected async Task<(int Status, string? Warning)> RefusedFetchAsync(string parameters = "")
    {
        var answer = await Within(Stranger(User).Invite(Store + parameters, _all).Final);
        return (answer.Status, WarningOf(answer));
    }

    /// <summary>What conferences say comes a moment later.</summary>
    protected async Task WaitForAsync(int count)
    {
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await NumbersAsync()).Count < count)
            await tick.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>The numbers that the operator's list shows.</summary>
    protected async Task<List<string>> NumbersAsync()
    {
        var output = await ControlAsync("deferred", "--user", Away);
        return [.. output.Split('\n').Select(line => line.Split(':')[0]).Where(word => long.TryParse(word, out _))];
    }
}
