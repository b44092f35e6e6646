using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What happens to MSRP legs reaches their conferences, and is saved only where something changes.</summary>
public class LegEventReaderTests
{
    private readonly InMemoryConferenceStore _store = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_leg_that_stays_away_is_asked_for_and_that_is_in_the_store()
    {
        using var node = Start(TimeSpan.FromMinutes(1));
        using var reader = await ReadAsync(node);
        var leg = await JoinAsync(node);

        node.Switch.Raise(new MsrpLegLost(leg.SessionId, leg.BridgeId, MsrpLoss.NeverConnected));
        var asked = (await node.NextAsync(action => action.Originate is { Method: "INVITE", Cseq: 2 })).Originate;

        var stored = await _store.SingleAsync();
        var reconnection = Assert.Single(
            stored.Conference.Participants.Values, each => each.Leg.Reconnection is not null).Leg.Reconnection!;
        Assert.Equal(ReconnectionStage.Proposing, reconnection.Stage);
        Assert.EndsWith("/INVITE/2", asked.ActionKey, StringComparison.Ordinal);
        Assert.True(node.Switch.Legs[leg.SessionId].RemotePath.IsEmpty);
        await reader.StopAsync(Cancel);
    }

    [Fact]
    public async Task What_comes_and_goes_is_not_saved()
    {
        using var node = Start(TimeSpan.FromMinutes(1));
        using var reader = await ReadAsync(node);
        var leg = await JoinAsync(node);
        var before = (await _store.SingleAsync()).Conference.Revision;

        node.Switch.Raise(new MsrpLegConnected(leg.SessionId, leg.BridgeId));
        node.Switch.Raise(new MsrpLegUnresponsive(leg.SessionId, leg.BridgeId));
        node.Switch.Raise(new MsrpLegLost(leg.SessionId, leg.BridgeId, MsrpLoss.Broken));
        node.Switch.Raise(new MsrpLegLost(leg.SessionId, leg.BridgeId, MsrpLoss.ConnectFailed));
        await UntilAsync(async () => (await _store.SingleAsync()).Conference.Revision > before);

        Assert.Equal(before + 1, (await _store.SingleAsync()).Conference.Revision);
        await reader.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_leg_of_no_conference_makes_none()
    {
        using var node = Start(TimeSpan.FromMinutes(1));
        using var reader = await ReadAsync(node);
        var leg = await JoinAsync(node);

        node.Switch.Raise(new MsrpLegLost("s", "aaaaaaaaaaaaaaaaaaaaaaaaaa", MsrpLoss.NeverConnected));
        node.Switch.Raise(new MsrpLegLost(leg.SessionId, leg.BridgeId, MsrpLoss.NeverConnected));
        await UntilAsync(async () => (await _store.SingleAsync()).Conference.Participants.Values
            .Any(each => each.Leg.Reconnection is not null));

        Assert.Equal(1, node.Router.Count);
        await reader.StopAsync(Cancel);
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public async Task A_nickname_is_in_the_store_before_it_is_said_to_be_given()
    {
        using var node = Start(TimeSpan.FromMinutes(1));
        using var reader = await ReadAsync(node);
        var leg = await JoinAsync(node);

        node.Switch.Raise(new MsrpLegNickname(leg.SessionId, leg.BridgeId, "nick1", "Snowcat"));
        var answer = await node.Switch.Nicknames.Reader.ReadAsync(Cancel);

        var stored = (await _store.SingleAsync()).Conference.Participants.Values;
        Assert.Equal((leg.SessionId, "nick1", 200), answer);
        Assert.Equal(
            leg.SessionId, Assert.Single(stored, each => each.Nickname == "Snowcat").Leg.Media.SessionId);
        await reader.StopAsync(Cancel);
    }

    private ScriptedLink Start(TimeSpan reconnect) => new(_store, policy => policy with { MediaReconnect = reconnect });

    private static async Task<LegEventReader> ReadAsync(ScriptedLink node)
    {
        var reader = new LegEventReader(
            node.Switch, node.Router, node.Deliveries, node.Deposits, node.Directory, TimeProvider.System,
            NullLogger<LegEventReader>.Instance);
        await reader.StartAsync(Cancel);
        return reader;
    }

    // Bob is in.
    private static async Task<MsrpLeg> JoinAsync(ScriptedLink node)
    {
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.NextAsync(Kind.Ack);
        return node.Switch.Legs.Values.Single(leg => leg.RemotePath.Any(uri => uri.SessionId == "bob"));
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await isSo())
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
