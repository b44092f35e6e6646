using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What concerns a stored aggregate that nobody has loaded yet finds it, or waits until it is loaded.</summary>
public class ResumptionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_finds_what_is_stored_and_what_was_pending_is_performed()
    {
        var store = new InMemoryConferenceStore();
        var invite = await RingAsync(store);

        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));

        Assert.Equal("bob", (await node.NextAsync(Kind.Ack)).Ack.ToTag);
        Assert.Equal("t1", (await node.NextAsync(Kind.Reply)).Reply.Transaction);
        Assert.Equal(3, node.Switch.Legs.Count);
    }

    [Fact]
    public async Task What_names_only_a_transaction_waits_until_its_aggregate_is_loaded()
    {
        var store = new InMemoryConferenceStore();
        await RingAsync(store);
        using var node = new ScriptedLink(store);
        using var underway = node.Router.Resumption.Begin();

        await node.SendAsync(new() { Cancelled = new() { Transaction = "t1" } });
        await node.SendAsync(new() { Cancelled = new() { Transaction = "t2" } });
        Assert.Equal(0ul, node.Confirmed);
        await node.Router.ResumeAsync((await store.SingleAsync()).State.Id);

        await node.NextAsync(Kind.Cancel);
        await node.Router.WhenIdle().WaitAsync(Cancel);
        Assert.Equal(1ul, node.Confirmed);
    }

    [Fact]
    public async Task What_names_its_aggregate_waits_for_that_and_not_for_all()
    {
        var store = new InMemoryConferenceStore();
        await RingAsync(store);
        var id = (await store.SingleAsync()).State.Id;
        using var node = new ScriptedLink(store);
        using var underway = node.Router.Resumption.Begin();
        var isHeard = false;
        Assert.True(node.Router.Resumption.TryHold(id.Value, () => isHeard = true));

        await node.Router.ResumeAsync(id);
        await node.Router.WhenIdle().WaitAsync(Cancel);

        Assert.True(isHeard);
    }

    [Fact]
    public async Task What_names_nothing_that_was_stored_is_over_when_all_is_loaded()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var underway = node.Router.Resumption.Begin();
        await node.SendAsync(new() { TransactionEnded = new() { Transaction = "t9", Code = 408 } });
        await node.SendAsync(new() { ReplySent = new() { Transaction = "t9", Ordinal = 2, Code = 200 } });
        await node.SendAsync(new() { Acknowledged = new() { Dialog = new() { CallId = "a", FromTag = "b", ToTag = "c" } } });
        var held = node.Confirmed;

        underway.Dispose();
        await node.Router.WhenIdle().WaitAsync(Cancel);

        Assert.Equal((0ul, 3ul), (held, node.Confirmed));
        Assert.True(node.Router.Resumption.Complete.IsCompleted);
    }

    [Fact]
    public async Task Nobody_is_late_before_all_that_is_stored_is_loaded()
    {
        var store = new InMemoryConferenceStore();
        var time = new ManualTime();
        await RingAsync(store, time);
        time.Advance(TimeSpan.FromMinutes(2));
        using var node = new ScriptedLink(store, time: time);
        var underway = node.Router.Resumption.Begin();
        await node.Router.ResumeAsync((await store.SingleAsync()).State.Id);
        node.Router.OnCaughtUp();
        await node.Router.WhenIdle().WaitAsync(Cancel);
        var early = node.Take(Kind.Cancel).Count();

        underway.Dispose();

        await node.NextAsync(Kind.Cancel);
        Assert.Equal(0, early);
    }

    [Fact]
    public async Task A_node_that_stops_loads_nothing_more()
    {
        var store = new InMemoryConferenceStore();
        await RingAsync(store);
        using var node = new ScriptedLink(store);

        await node.Router.DrainAsync(Cancel);

        Assert.Equal(0, node.Router.Count);
    }

    private static async Task<Originate> RingAsync(InMemoryConferenceStore store, TimeProvider? time = null)
    {
        using var killed = new ScriptedLink(store, time: time);
        await killed.SendAsync(ScriptedLink.GroupInvite());
        return (await killed.NextAsync(Kind.Originate)).Originate;
    }
}
