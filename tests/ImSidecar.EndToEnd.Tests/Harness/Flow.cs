using System.Net;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Client.Subscriptions;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>A flow over the running profile; its handsets leave with it, and must have seen no violation.</summary>
[Collection(DemoProfileUsers.Name)]
public abstract class Flow(DemoProfile profile) : IAsyncLifetime
{
    /// <summary>The port where P-Asserted-Identity is believed.</summary>
    protected static readonly SipFlow Core = new(SipProtocol.Udp, new(IPAddress.Loopback, 5070));

    private readonly List<Handset> _handsets = [];

    protected DemoProfile Profile => profile;

    /// <summary>Started again if an earlier flow left it dead.</summary>
    public async ValueTask InitializeAsync() => await profile.StartSidecarAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        var hasFailed = TestContext.Current.TestState?.Result == TestResult.Failed;
        profile.KeepsTraces |= hasFailed;
        try
        {
            foreach (var handset in _handsets)
                await LeaveAsync(handset);
            if (!hasFailed)
                Assert.Empty(_handsets.SelectMany(handset => handset.Violations));
        }
        finally
        {
            foreach (var handset in _handsets)
            {
                if (hasFailed)
                    Print(handset);
                await handset.DisposeAsync();
            }
        }
    }

    /// <summary>A handset that is not registered.</summary>
    protected Handset Stranger(string user, SipProtocol transport = SipProtocol.Udp, HandsetOptions? options = null)
    {
        var handset = new Handset((options ?? new() { User = user }) with { User = user, Transport = transport });
        _handsets.Add(handset);
        return handset;
    }

    /// <summary>A registered handset.</summary>
    protected async Task<Handset> Register(
        string user, SipProtocol transport = SipProtocol.Udp, HandsetOptions? options = null)
    {
        var handset = Stranger(user, transport, options);
        Assert.Equal(200, (await Within(handset.RegisterAsync())).Status);
        return handset;
    }

    /// <summary>The handsets of three users, registered.</summary>
    protected async Task<(Handset Alice, Handset Bob, Handset Carol)> RegisterThree(
        SipProtocol transport = SipProtocol.Udp) =>
        (await Register("alice", transport), await Register("bob", transport), await Register("carol", transport));

    /// <summary>An INVITE to the factory that is refused; the answer.</summary>
    protected static async Task<SipMessage> Refusal(
        Handset inviter, IReadOnlyCollection<string> recipients, InviteOptions? options = null,
        string uri = DemoProfile.Factory)
    {
        var answer = await Within(inviter.StartGroup(uri, recipients, options).Final);
        Assert.True(answer.Status >= 300, $"{answer} came instead of a refusal");
        return answer;
    }

    /// <summary>Reads notifications until one shows that; all that were read.</summary>
    protected static async Task<List<Notification>> ReadUntil(Subscription watching, Func<Notification, bool> isSo)
    {
        var read = new List<Notification>();
        do
            read.Add(await Next(watching.Notifications));
        while (!isSo(read[^1]));

        return read;
    }

    /// <summary>The first text of a Warning header field.</summary>
    protected static string? WarningOf(SipMessage response) => response["Warning"]?.Split('"')[1];

    private static async Task LeaveAsync(Handset handset)
    {
        if (handset.Trace.Any(record => record is { IsOutgoing: true, Message.Method: "REGISTER" }))
            await Within(handset.RegisterAsync(0));
    }

    private static void Print(Handset handset)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"-- {handset.Options.User} {handset.ContactUri}");
        foreach (var record in handset.Trace)
            TestContext.Current.TestOutputHelper?.WriteLine($"{record.At:HH:mm:ss.fff} {record}");
    }
}
