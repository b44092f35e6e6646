using ImSidecar.Core.Conferences;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores.Format;
using ImSidecar.Server.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>Each re-INVITE of a session that has moved here counts until it is over, and who moves many waits for room.</summary>
public sealed class ReinvitesInFlightTests : IDisposable
{
    private readonly ScriptedOwnership _ownership = new();
    private readonly FaultyStore _store = new();
    private readonly ManualTime _time = new();
    private readonly ScriptedLink _node;

    public ReinvitesInFlightTests() => _node = new(
        _store, policy => policy with { MsrpHost = "127.0.0.2" }, _time, ownership: _ownership);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Count => _node.Router.Reinvites.Count;

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task They_are_those_that_have_no_answer_yet()
    {
        var reinvites = await MovedAsync();
        Assert.Equal(2, Count);

        await _node.SendAsync(ScriptedLink.Answers(reinvites[0], 488));
        await _node.Router.WhenIdle();
        Assert.Equal(1, Count);

        await _node.SendAsync(ScriptedLink.Accepts(reinvites[1], "carol"));
        await _node.Router.WhenIdle();
        Assert.Equal(0, Count);
    }

    [Fact]
    public async Task Who_is_rung_up_is_none_of_them()
    {
        await _node.SendAsync(ScriptedLink.GroupInvite());
        await NextAsync(_node);

        Assert.Equal(0, Count);
    }

    [Fact]
    public async Task What_goes_to_another_node_counts_there()
    {
        await MovedAsync();
        _ownership.Becomes(SlotOwner.Nobody);

        await _node.Router.GiveUpAsync(Slot.All.ToHashSet(), Cancel);

        Assert.Equal(0, Count);
    }

    [Fact]
    public async Task What_is_taken_from_this_node_counts_no_more()
    {
        await MovedAsync();
        _ownership.Becomes(SlotOwner.Nobody);

        await _node.Router.DropAllAsync();

        Assert.Equal(0, Count);
    }

    [Fact]
    public async Task Who_is_asked_again_for_his_Kamailio_has_ended_counts_once()
    {
        await MovedAsync();

        _node.Detach();
        _node.Attach("boot-2");
        await _node.Attached;
        await NextAsync(_node);
        await NextAsync(_node);

        Assert.Equal(2, Count);
    }

    [Fact]
    public async Task Those_that_no_Kamailio_has_do_not_count()
    {
        await MovedAsync();
        var stored = (await _store.Inner.SingleAsync()).Pending;
        var reinvites = new ReinvitesInFlight(_time);
        var pending = new PendingEffects(reinvites);

        pending.Load(stored);
        Assert.Equal(2, reinvites.Count);

        pending.Load([.. stored.Select(each => each with { Effect = each.Effect with { Via = null } })]);
        Assert.Equal(0, reinvites.Count);
    }

    [Fact]
    public async Task A_session_that_is_removed_has_none_though_nobody_answered()
    {
        await MovedAsync();

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (_store.Inner.Count > 0 || _node.Router.Count > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(5, patience.Token);
        }

        Assert.Equal(0, Count);
    }

    [Fact]
    public async Task A_session_that_cannot_be_read_any_more_has_none()
    {
        var reinvites = await MovedAsync();
        _store.Error = new InvalidOperationException("Perhaps it was written");
        _store.LoadError = new StoredFormatException("Spoiled");

        await _node.SendAsync(ScriptedLink.Answers(reinvites[0], 488));
        var ends = _node.Router.WhenIdle();
        while (!ends.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Cancel);
        }

        Assert.Equal(0, Count);
    }

    [Fact]
    public async Task Who_takes_up_more_waits_until_one_is_answered()
    {
        using var old = new ScriptedLink(_store.Inner, time: _time);
        await BeginAsync(old);
        _node.Router.Reinvites.Add(ReinvitesInFlight.Most);
        var recovery = new Recovery(
            _store, _node.Router, new HealthBoard(), new Alone(), NullLogger<Recovery>.Instance);

        var takesUp = recovery.TakeUpAsync(null, Cancel);
        await Task.WhenAny(takesUp, Task.Delay(200, Cancel));
        Assert.Equal(0, _node.Counts.Conferences);

        _node.Router.Reinvites.Add(-1);
        _time.Advance(TimeSpan.FromMilliseconds(5));
        await takesUp.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal(1, _node.Counts.Conferences);
    }

    [Fact]
    public async Task Peers_who_answer_nothing_are_waited_for_a_while_only()
    {
        var reinvites = new ReinvitesInFlight(TimeProvider.System);
        reinvites.Add(5 * ReinvitesInFlight.Most);

        var waits = reinvites.RoomAsync(Cancel);
        Assert.False(waits.IsCompleted);
        await waits.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
    }

    // Bob and carol were in a session of another node.
    private async Task<Originate[]> MovedAsync()
    {
        using var old = new ScriptedLink(_store.Inner, time: _time);
        await BeginAsync(old);
        Assert.True(await _node.Router.ResumeAsync((await _store.Inner.SingleAsync()).State.Id));
        return [await NextAsync(_node), await NextAsync(_node)];
    }

    private static async Task BeginAsync(ScriptedLink node)
    {
        await node.SendAsync(ScriptedLink.GroupInvite());
        Originate[] invites = [await NextAsync(node), await NextAsync(node)];
        await node.SendAsync(ScriptedLink.Accepts(invites[0], "bob"));
        await node.SendAsync(ScriptedLink.Accepts(invites[1], "carol"));
        await node.Router.DrainAsync(Cancel);
    }

    private static async Task<Originate> NextAsync(ScriptedLink node) => (await node.NextAsync(action =>
        action.Originate is { Method: "INVITE" })).Originate;
}
