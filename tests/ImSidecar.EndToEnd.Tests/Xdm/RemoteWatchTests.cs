using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Xdm;

/// <summary>A sidecar with another one as its remote XDMS, each behind a Kamailio: it obeys changes there.</summary>
[Collection(RemoteWatchUsers.Name)]
public sealed class RemoteWatchTests(RemoteWatchProfile profile) : IAsyncLifetime
{
    private readonly Handsets _handsets = new();
    private readonly string _skiers = $"sip:skiers-{Guid.NewGuid():N}@groups.example.com";
    private PeerXdms? _peer;

    private PeerXdms Peer => _peer!;

    public async ValueTask InitializeAsync()
    {
        await profile.StartSidecarAsync();
        _peer = await PeerXdms.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        profile.KeepsTraces |= TestContext.Current.TestState?.Result == TestResult.Failed;
        await using (_handsets)
            await _handsets.LeaveAsync();
        if (_peer is not null)
        {
            Assert.Empty(_peer.Failures());
            await _peer.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_member_who_is_added_there_is_admitted_here_at_once()
    {
        var (alice, bob) = await WatchAsync();

        await Peer.PutGroupAsync(new(_skiers, Alice, Bob), Alice);

        await AdmittedAsync(bob);
        await Within(alice.Invite(_skiers).Answered);
    }

    [Fact]
    public async Task After_kill_9_changes_are_told_as_before()
    {
        var (_, bob) = await WatchAsync();

        await profile.KillSidecarAsync();
        await profile.StartSidecarAsync();
        Assert.Equal(403, await StatusAsync(bob));
        await Peer.SubscribedByAsync(1);
        await Peer.PutGroupAsync(new(_skiers, Alice, Bob), Alice);

        await AdmittedAsync(bob);
    }

    private const string Alice = "sip:alice@example.com";
    private const string Bob = "sip:bob@example.com";

    /// <summary>A group of alice's whose document is in use here and watched there; bob is no member.</summary>
    private async Task<(Handset Alice, Handset Bob)> WatchAsync()
    {
        await Peer.PutGroupAsync(new(_skiers, Alice), Alice);
        var alice = await _handsets.RegisterAsync("alice");
        var bob = await _handsets.RegisterAsync("bob");
        await Within(alice.Invite(_skiers).Answered);
        Assert.Equal(403, await StatusAsync(bob));
        await Peer.SubscribedByAsync(1);
        return (alice, bob);
    }

    // Far sooner than the document would be asked for again.
    private async Task AdmittedAsync(Handset bob)
    {
        var waited = Stopwatch.StartNew();
        while (await StatusAsync(bob) is var status && status != 200)
        {
            Assert.Equal(403, status);
            Assert.True(waited.Elapsed < RemoteWatchProfile.RevalidateAfter / 4, "the change was not told");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private async Task<int> StatusAsync(Handset handset) =>
        (await Within(handset.Invite(_skiers).Final)).Status;
}

/// <summary>The demo profile with the documents of another XDMS.</summary>
public sealed class RemoteWatchProfile() : DemoProfile(new ProfileOptions
{
    Sidecar =
    [
        "--Xdm:Mode=Remote", $"--XcapClient:Root={PeerXdms.Root}", $"--XcapClient:SubscribeTo={PeerXdms.Address}",
        "--XcapClient:AssertedIdentity=sip:conf-factory@im.example.com",
        $"--XcapClient:RevalidateAfter={RevalidateAfter}",
    ],
    Kamailio = PeerXdms.KnownAs,
    ExpectedFailures = ["XDMS"],
})
{
    internal static TimeSpan RevalidateAfter => TimeSpan.FromSeconds(40);
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RemoteWatchUsers : ICollectionFixture<RemoteWatchProfile>
{
    public const string Name = "remote watch profile";
}
