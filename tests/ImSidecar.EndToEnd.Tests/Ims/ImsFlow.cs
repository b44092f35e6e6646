using System.Net;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>A flow with handsets on both sides: behind the proxy of the core, and directly at our edge.</summary>
[Collection(ImsProfileUsers.Name)]
public abstract class ImsFlow(ImsProfile profile) : IAsyncLifetime
{
    protected const string Identity = "P-Asserted-Identity";
    protected const string Vector = "P-Charging-Vector";
    protected const string Network = "P-Access-Network-Info";

    private static readonly IPEndPoint _proxy = new(IPAddress.Loopback, ImsProfile.ProxyPort);

    private readonly Handsets _handsets = new();

    protected ImsProfile Profile => profile;

    public async ValueTask InitializeAsync()
    {
        await profile.StartSidecarAsync();
        profile.StartProxy();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        var hasFailed = TestContext.Current.TestState?.Result == TestResult.Failed;
        profile.KeepsTraces |= hasFailed;
        await _handsets.EndAsync(hasFailed);
    }

    /// <summary>Registered through the proxy.</summary>
    protected Task<Handset> BehindProxy(string user) =>
        _handsets.RegisterAsync(user, options: new() { User = user, Proxy = _proxy });

    /// <summary>Registered at our edge.</summary>
    protected Task<Handset> AtTheEdge(string user) => _handsets.RegisterAsync(user);

    /// <summary>The user of the other network, who gets what the proxy, a trusted peer of ours, gets.</summary>
    protected Handset Elsewhere(string user) => _handsets.Stranger(user, options: new()
    {
        User = user,
        Domain = ImsProfile.OtherNetwork,
        Local = new(IPAddress.Loopback, ImsProfile.OtherNetworkPort),
    });

    /// <summary>Every message that reached the handset.</summary>
    protected static IEnumerable<SipMessage> Received(Handset handset) =>
        handset.Trace.Where(record => !record.IsOutgoing).Select(record => record.Message);

    protected static async Task<Group> Start(Handset inviter, params Handset[] invited)
    {
        var group = await Group.StartAsync(inviter, invited);
        Assert.Equal(200, await group.SayAsync(inviter, "hello"));
        foreach (var handset in invited)
            Assert.Equal("hello", (await group.HearAsync(handset)).Text);
        return group;
    }
}
