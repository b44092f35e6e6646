using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Groups whose documents another XDMS has: changes are found, and it may be away for a while.</summary>
public sealed class RemoteGroupTests(DemoProfile profile) : GroupFlow(profile), IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    private readonly OtherSidecar _xdms = new();

    protected override IReadOnlyList<string> Settings =>
    [
        "--Xdm:Mode=Remote", "--Xdm:ReviewInterval=00:00:01",
        $"--XcapClient:Root={OtherSidecar.Root}", "--XcapClient:AssertedIdentity=sip:im-server@example.com",
        "--XcapClient:Timeout=00:00:02", "--XcapClient:Retries=0", "--XcapClient:BreakFor=00:00:01",
        "--XcapClient:RevalidateAfter=00:00:01", "--XcapClient:RevalidateWatchedAfter=00:00:01",
        "--XcapClient:AbsentFor=00:00:00", "--XcapClient:KeepFor=00:00:10",
    ];

    private XcapUser RemoteOwner => new(_xdms.Http, "sip:alice@example.com");

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await _xdms.StartAsync();
        await InitializeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        await _xdms.DisposeAsync();
    }

    [Fact]
    public async Task A_change_at_the_XDMS_is_found_while_the_session_runs()
    {
        var (alice, bob, _) = await RegisterThree();
        Assert.Equal(404, (await RefusedAsync(alice)).Status);
        await RemoteOwner.PutListsAsync(Lists("sip:bob@example.com"));
        await RemoteOwner.PutGroupAsync(new(Skiers, AliceBobCarol[0]) { Externals = [RemoteOwner.AnchorOf("ski")] });
        var stays = await JoinWhenKnownAsync(alice);
        var goes = await JoinAsync(bob);

        await RemoteOwner.PutListsAsync(Lists("sip:carol@example.com"));

        Assert.Equal(CallEndedBy.Peer, (await Within(goes.Ended)).By);
        Assert.False(stays.Ended.IsCompleted);
    }

    [Fact]
    public async Task While_the_XDMS_is_away_the_last_known_document_serves_and_then_nobody_joins()
    {
        var (alice, bob, carol) = await RegisterThree();
        await RemoteOwner.PutGroupAsync(GroupOfThree);
        var first = await JoinWhenKnownAsync(alice);

        await _xdms.KillAsync();
        var second = await JoinAsync(bob);
        // The node that starts now has never heard of the group, but the one before it had.
        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
        var third = await JoinAsync(carol);
        await Within(third.ByeAsync());
        var (status, warning) = await RefusedWhenTooOldAsync(carol);
        Assert.Equal((403, "Group document is not available"), (status, warning));
        Assert.Contains("\"xdms\":\"failing\"", await HealthAsync());
        Assert.False(first.Ended.IsCompleted || second.Ended.IsCompleted);

        await _xdms.StartAsync();
        await JoinWhenKnownAsync(carol);
        Assert.Contains("\"xdms\":\"well\"", await HealthAsync());
    }

    private Task<string> HealthAsync() =>
        Profile.Http.GetStringAsync("/health/ready", TestContext.Current.CancellationToken);

    private async Task<Call> JoinWhenKnownAsync(Handset handset)
    {
        for (var limit = Stopwatch.StartNew(); limit.Elapsed < _patience; await PauseAsync())
        {
            var call = handset.Invite(Skiers);
            if ((await Within(call.Final)).Status == 200)
                return await Within(call.Answered);
        }

        throw new TimeoutException("the group is not known");
    }

    private async Task<(int Status, string? Warning)> RefusedWhenTooOldAsync(Handset handset)
    {
        for (var limit = Stopwatch.StartNew(); limit.Elapsed < _patience; await PauseAsync())
        {
            var call = handset.Invite(Skiers);
            var answer = await Within(call.Final);
            if (answer.Status != 200)
                return (answer.Status, WarningOf(answer));
            await Within((await Within(call.Answered)).ByeAsync());
        }

        throw new TimeoutException("the document is believed for ever");
    }

    private static Task PauseAsync() => Task.Delay(300, TestContext.Current.CancellationToken);

    private static string Lists(string member) =>
        "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list name=\"ski\">"
        + $"<entry uri=\"{member}\"/></list></resource-lists>";
}
