using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Stores;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What is for another node is handed on, what is for nobody waits until it is somebody's.</summary>
public sealed class PlacementTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly ScriptedOwnership _ownership = new();
    private readonly InMemoryConferenceStore _store = new();
    private readonly ScriptedLink _node;

    public PlacementTests() => _node = new(_store, time: _time, ownership: _ownership);

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task A_request_for_another_node_goes_there_and_is_confirmed_after_that()
    {
        _ownership.Becomes(SlotOwner.Of("east"));

        await _node.SendAsync(ScriptedLink.GroupInvite());

        var actions = new[] { await _node.NextAsync(_ => true), await _node.NextAsync(_ => true) };
        var redirect = actions[0].Redirect;
        Assert.InRange(redirect.Slot, 1u, (uint)Slot.Count);
        Assert.Equal(new Redirect { Transaction = "t1", Node = "east", Slot = redirect.Slot }, redirect);
        Assert.Equal(1ul, actions[1].Confirm.Sequence);
        Assert.Equal(0, _store.Count);
        Assert.Equal(0, _node.Router.Count);
    }

    [Fact]
    public async Task What_belongs_to_a_conference_of_another_node_goes_there_by_its_number()
    {
        await _node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await _node.NextAsync(SipAction.ActionOneofCase.Originate)).Originate;
        _ownership.Becomes(SlotOwner.Of("east"));

        await _node.SendAsync(ScriptedLink.Accepts(invite, "bob"));

        var redirect = (await _node.NextAsync(SipAction.ActionOneofCase.Redirect)).Redirect;
        Assert.Equal(new Redirect { Sequence = 2, Node = "east" }, redirect);
    }

    [Fact]
    public async Task What_was_decided_before_stays_with_a_request_that_is_handed_on_once_more()
    {
        _ownership.Becomes(SlotOwner.Of("west"));
        var invite = ScriptedLink.GroupInvite();
        invite.Request.Stage = Google.Protobuf.ByteString.CopyFromUtf8("conference");

        await _node.SendAsync(invite);

        var redirect = (await _node.NextAsync(SipAction.ActionOneofCase.Redirect)).Redirect;
        Assert.Equal("conference", redirect.Stage.ToStringUtf8());
    }

    [Fact]
    public async Task What_is_nobodys_waits_and_is_served_when_it_has_become_mine()
    {
        _ownership.Becomes(SlotOwner.Nobody);
        await _node.SendAsync(ScriptedLink.GroupInvite());
        Assert.Equal(0ul, _node.Confirmed);
        Assert.Empty(_node.Take(SipAction.ActionOneofCase.Reply));

        _ownership.Becomes(SlotOwner.Mine);

        Assert.Equal(2, (await InvitedAsync()).Length);
        Assert.Equal(1, _store.Count);
    }

    [Fact]
    public async Task What_waited_goes_to_the_node_that_gets_it()
    {
        _ownership.Becomes(SlotOwner.Nobody);
        await _node.SendAsync(ScriptedLink.GroupInvite());

        _ownership.Becomes(SlotOwner.Nobody);
        _ownership.Becomes(SlotOwner.Of("east"));

        Assert.Equal("east", (await _node.NextAsync(SipAction.ActionOneofCase.Redirect)).Redirect.Node);
    }

    [Fact]
    public async Task What_is_mine_again_without_a_word_is_served_within_a_second()
    {
        _ownership.Becomes(SlotOwner.Nobody);
        await _node.SendAsync(ScriptedLink.GroupInvite());

        _ownership.IsAgain(SlotOwner.Mine);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, (await InvitedAsync()).Length);
    }

    [Fact]
    public async Task A_request_does_not_wait_for_ever()
    {
        _ownership.Becomes(SlotOwner.Nobody);
        await _node.SendAsync(ScriptedLink.GroupInvite());

        _time.Advance(TimeSpan.FromSeconds(8));

        var reply = (await _node.NextAsync(SipAction.ActionOneofCase.Reply)).Reply;
        Assert.Equal((503u, "t1"), (reply.Code, reply.Transaction));
        Assert.Contains(reply.Headers, header => header.Name == "Retry-After");
        _ownership.Becomes(SlotOwner.Mine);
        Assert.Equal(0, _node.Router.Count);
    }

    [Fact]
    public async Task What_waits_for_another_node_does_not_make_this_one_refuse_others()
    {
        _ownership.Becomes(SlotOwner.Nobody);
        await _node.SendAsync(ScriptedLink.GroupInvite());
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(_node.Admission.Judge(ScriptedLink.GroupInvite("t2").Request));
    }

    [Fact]
    public async Task Who_answers_tells_his_slot()
    {
        await _node.SendAsync(ScriptedLink.GroupInvite());
        await _node.SendAsync(ScriptedLink.Accepts((await InvitedAsync())[0], "bob"));

        var reply = (await _node.NextAsync(SipAction.ActionOneofCase.Reply)).Reply;

        var conference = (await _store.SingleAsync()).State;
        Assert.Equal((uint)Slot.Of(conference.Id).Number + 1, reply.Slot);
    }

    [Fact]
    public async Task A_new_conference_has_the_slot_of_the_Call_ID_that_Kamailio_chose_its_node_by()
    {
        var invite = ScriptedLink.GroupInvite();
        var callId = invite.Request.Headers.Single(header => header.Name == "Call-ID").Value.ToStringUtf8();

        await _node.SendAsync(invite);
        await InvitedAsync();

        Assert.Equal(Slot.OfText(callId), Slot.Of((await _store.SingleAsync()).State.Id));
    }

    private async Task<Originate[]> InvitedAsync() =>
    [
        (await _node.NextAsync(SipAction.ActionOneofCase.Originate)).Originate,
        (await _node.NextAsync(SipAction.ActionOneofCase.Originate)).Originate,
    ];
}
