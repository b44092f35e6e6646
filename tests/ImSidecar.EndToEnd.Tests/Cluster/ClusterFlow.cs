using ImSidecar.Client;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>A flow over the cluster; afterwards everything is whole again.</summary>
[Collection(ClusterProfileUsers.Name)]
public abstract class ClusterFlow(ClusterProfile profile) : IAsyncLifetime
{
    private int _meetings;

    private readonly Handsets _handsets = new("-" + Guid.NewGuid().ToString("N")[..8]);

    protected ClusterProfile Profile => profile;

    /// <summary>What the sidecars are started with on top of the profile, for all flows of the class.</summary>
    protected virtual IReadOnlyList<string> Settings => [];

    public virtual async ValueTask InitializeAsync() => await profile.BeginFlowAsync(Settings);

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        var hasFailed = TestContext.Current.TestState?.Result == TestResult.Failed;
        profile.KeepsTraces |= hasFailed;
        await profile.SettledAsync();
        await _handsets.EndAsync(hasFailed);
        if (!hasFailed)
            Assert.Empty(_handsets.Repeats);
    }

    /// <summary>A handset that is registered with the first Kamailio.</summary>
    protected Task<Handset> RegisterAsync(string user, SipProtocol transport = SipProtocol.Udp) =>
        _handsets.RegisterAsync(user, transport);

    /// <summary>One that calls through the second Kamailio, and is not registered.</summary>
    private protected Handset At(ClusterKamailio kamailio, string user) =>
        _handsets.Stranger(user, SipProtocol.Udp, new() { User = user, Proxy = kamailio.Handsets });

    /// <summary>Three of whom nobody has met before.</summary>
    private protected async Task<Meeting> MeetAsync()
    {
        var number = ++_meetings;
        return await Meeting.StartAsync(
            Profile, await RegisterAsync($"alice{number}"), await RegisterAsync($"bob{number}", SipProtocol.Tcp),
            await RegisterAsync($"carol{number}"));
    }

    private protected async Task<Meeting> MeetAtAsync(ClusterNode node)
    {
        while (true)
        {
            var meeting = await MeetAsync();
            if (meeting.OwnerName == node.Name)
                return meeting;

            await meeting.EndAsync();
        }
    }

    private protected async Task<(Meeting East, Meeting West)> MeetAtBothAsync() =>
        (await MeetAtAsync(Profile.East), await MeetAtAsync(Profile.West));
}
