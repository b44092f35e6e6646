using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Stores;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What goes to another node leaves nothing behind, and what was on its way to it goes there too.</summary>
public sealed class LeavingTests : IDisposable
{
    private static readonly HashSet<Slot> _all = [.. Slot.All];

    private readonly ScriptedOwnership _ownership = new();
    private readonly FaultyStore _disk = new();
    private readonly InMemoryConferenceStore _store;
    private readonly ScriptedLink _node;

    public LeavingTests()
    {
        _store = _disk.Inner;
        _node = new(_disk, ownership: _ownership);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Nothing_of_it_is_in_memory_and_all_of_it_is_stored()
    {
        var conference = await BeginAsync();
        Assert.NotEmpty(_node.Switch.Legs);

        _ownership.Becomes(SlotOwner.Nobody);
        await _node.Router.GiveUpAsync(_all, Cancel);

        Assert.Equal(0, _node.Router.Count);
        Assert.Equal((0, 0), (_node.Counts.Conferences, _node.Counts.Participants));
        Assert.Equal(0, _node.Alarms);
        Assert.Empty(_node.Switch.Legs);
        Assert.Equal(1, _store.Count);
        var saves = _store.Saves;

        _ownership.Becomes(SlotOwner.Mine);
        Assert.True(await _node.Router.ResumeAsync(conference));
        Assert.Equal(1, _node.Counts.Conferences);
        Assert.True(_store.Saves >= saves);
    }

    [Fact]
    public async Task Only_what_is_in_the_slots_leaves()
    {
        var conference = await BeginAsync();
        var others = _all.Where(slot => slot != Slot.Of(conference)).ToHashSet();

        await _node.Router.GiveUpAsync(others, Cancel);

        Assert.Equal(1, _node.Router.Count);
    }

    [Fact]
    public async Task What_is_being_saved_is_finished_and_what_waits_behind_it_goes_along()
    {
        await _node.SendAsync(ScriptedLink.GroupInvite());
        var invites = await InvitesAsync();
        _disk.IsSlow = true;
        var begun = _disk.Begun;
        await _node.SendAsync(ScriptedLink.Accepts(invites[0], "bob"));
        await BegunAsync(begun + 1);
        await _node.SendAsync(ScriptedLink.Accepts(invites[1], "carol"));
        _ownership.Becomes(SlotOwner.Nobody);

        var left = _node.Router.GiveUpAsync(_all, Cancel);
        Assert.False(left.IsCompleted);
        _disk.Release(2);
        await left;

        Assert.Equal(200u, (await _node.NextAsync(SipAction.ActionOneofCase.Reply)).Reply.Code);
        Assert.Equal(2ul, _node.Confirmed);
        _ownership.Becomes(SlotOwner.Of("east"));
        Assert.Equal(
            new Redirect { Sequence = 3, Node = "east" },
            (await _node.NextAsync(SipAction.ActionOneofCase.Redirect)).Redirect);
    }

    [Fact]
    public async Task A_node_that_was_declared_dead_saves_nothing_and_its_requests_go_to_who_lives()
    {
        _disk.Error = new StaleEpochException(new("west", 1));
        await _node.SendAsync(ScriptedLink.GroupInvite());
        await BegunAsync(1);

        _ownership.Becomes(SlotOwner.Nobody);
        await _node.Router.DropAllAsync();
        _ownership.Becomes(SlotOwner.Of("east"));

        Assert.Equal("t1", (await _node.NextAsync(SipAction.ActionOneofCase.Redirect)).Redirect.Transaction);
        Assert.Equal(0, _node.Router.Count);
        Assert.Equal(0, _store.Count);
        Assert.Empty(_node.Take(SipAction.ActionOneofCase.Originate));
    }

    [Fact]
    public async Task What_is_forgotten_at_once_saves_nothing_any_more()
    {
        await BeginAsync();
        var saves = _store.Saves;
        _ownership.Becomes(SlotOwner.Nobody);

        await _node.Router.DropAllAsync();

        Assert.Equal((0, 0), (_node.Router.Count, _node.Counts.Conferences));
        Assert.Equal(saves, _store.Saves);
    }

    [Fact]
    public async Task Its_legs_close_at_once_while_a_save_waits_for_a_database_and_that_one_does_nothing_any_more()
    {
        await _node.SendAsync(ScriptedLink.GroupInvite());
        var invites = await InvitesAsync();
        await _node.SendAsync(ScriptedLink.Accepts(invites[0], "bob"));
        Assert.Equal(200u, (await _node.NextAsync(SipAction.ActionOneofCase.Reply)).Reply.Code);
        Assert.NotEmpty(_node.Switch.Legs);
        _node.Take(SipAction.ActionOneofCase.Ack);
        _disk.IsSlow = true;
        var begun = _disk.Begun;
        await _node.SendAsync(ScriptedLink.Accepts(invites[1], "carol"));
        await BegunAsync(begun + 1);

        _ownership.Becomes(SlotOwner.Nobody);
        var dropped = _node.Router.DropAllAsync();

        Assert.False(dropped.IsCompleted);
        Assert.Empty(_node.Switch.Legs);
        Assert.Equal((0, 0), (_node.Router.Count, _node.Counts.Conferences));
        _disk.Release(1);
        await dropped;
        Assert.Empty(_node.Switch.Legs);
        Assert.Equal(0, _node.Counts.Conferences);
        Assert.Empty(_node.Take(SipAction.ActionOneofCase.Ack));
        Assert.Equal(begun + 1, _disk.Begun);
    }

    private async Task BegunAsync(int saves)
    {
        while (_disk.Begun < saves)
            await Task.Delay(5, Cancel);
    }

    private async Task<AggregateId> BeginAsync()
    {
        await _node.SendAsync(ScriptedLink.GroupInvite());
        var invites = await InvitesAsync();
        await _node.SendAsync(ScriptedLink.Accepts(invites[0], "bob"));
        Assert.Equal(200u, (await _node.NextAsync(SipAction.ActionOneofCase.Reply)).Reply.Code);
        return (await _store.SingleAsync()).State.Id;
    }

    private async Task<Originate[]> InvitesAsync() =>
    [
        (await _node.NextAsync(SipAction.ActionOneofCase.Originate)).Originate,
        (await _node.NextAsync(SipAction.ActionOneofCase.Originate)).Originate,
    ];
}
