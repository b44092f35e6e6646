using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>Saved before said: what a mailbox stores, performs, confirms and repeats.</summary>
public class MailboxTests
{
    [Fact]
    public async Task What_is_sent_was_saved_before()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);

        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;

        var stored = await store.SingleAsync();
        Assert.Contains(stored.Pending, pending => pending.Effect is SendRequest request
            && request.Key.ToString() == invite.ActionKey);
        Assert.Equal(3, stored.Conference.Participants.Count);
    }

    [Fact]
    public async Task An_event_is_confirmed_once_its_outcome_is_saved()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());

        await node.SendAsync(ScriptedLink.GroupInvite());
        var confirm = (await node.NextAsync(Kind.Confirm)).Confirm;

        Assert.Equal(1ul, confirm.Sequence);
    }

    [Fact]
    public async Task The_switch_knows_a_leg_before_the_peer_does()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());

        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;

        Assert.Contains(node.Switch.Legs.Keys, session => invite.Body.ToStringUtf8().Contains(session, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_INVITE_again_makes_no_second_conference()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);

        await node.SendAsync(ScriptedLink.GroupInvite("t1"));
        await node.NextAsync(Kind.Originate);
        await node.SendAsync(ScriptedLink.GroupInvite("t2"));
        var reply = (await node.NextAsync(Kind.Reply)).Reply;

        Assert.Equal(482u, reply.Code);
        await store.SingleAsync();
    }

    [Fact]
    public async Task Actions_that_a_lost_stream_may_have_swallowed_are_repeated_with_the_same_keys()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        await node.SendAsync(ScriptedLink.GroupInvite());
        var first = (await node.NextAsync(Kind.Originate)).Originate.ActionKey;
        var second = (await node.NextAsync(Kind.Originate)).Originate.ActionKey;

        node.Detach();
        node.Attach("boot-1");

        Assert.Equal(first, (await node.NextAsync(Kind.Originate)).Originate.ActionKey);
        Assert.Equal(second, (await node.NextAsync(Kind.Originate)).Originate.ActionKey);
    }

    [Fact]
    public async Task Invitations_that_ended_with_Kamailio_are_not_sent_again()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        await node.NextAsync(Kind.Originate);
        await node.NextAsync(Kind.Originate);

        node.Detach();
        node.Attach("boot-2");
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.DoesNotContain((await store.SingleAsync()).Pending, each => each.Effect is SendRequest);
    }

    [Fact]
    public async Task A_new_process_goes_on_where_the_old_one_was()
    {
        var store = new InMemoryConferenceStore();
        Originate invite;
        using (var killed = new ScriptedLink(store))
        {
            await killed.SendAsync(ScriptedLink.GroupInvite());
            invite = (await killed.NextAsync(Kind.Originate)).Originate;
        }

        using var node = new ScriptedLink(store);
        await node.Router.ResumeAsync((await store.SingleAsync()).State.Id);
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));

        Assert.Equal("bob", (await node.NextAsync(Kind.Ack)).Ack.ToTag);
        var reply = (await node.NextAsync(Kind.Reply)).Reply;
        Assert.Equal(200u, reply.Code);
        Assert.Equal("t1", reply.Transaction);
        Assert.True(reply.RecordRoute);
        Assert.Empty(reply.ToTag);
        Assert.Equal(3, node.Switch.Legs.Count);
    }

    [Fact]
    public async Task What_the_link_has_answered_is_struck_off()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.NextAsync(Kind.Reply);
        await node.SendAsync(new() { ReplySent = new() { Transaction = "t1", Ordinal = 2, Code = 200 } });

        await node.Router.DrainAsync(CancellationToken.None);

        var pending = (await store.SingleAsync()).Pending;
        Assert.DoesNotContain(pending, each => each.Effect is Respond or OpenLeg);
        Assert.DoesNotContain(pending, each => each.Effect is SendRequest request && request.Key.ToString() == invite.ActionKey);
    }

    [Fact]
    public async Task A_request_whose_answer_is_confirmed_is_never_sent_again()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.SendAsync(ScriptedLink.Accepts(invite, "desk"));
        var bye = (await node.NextAsync(action => action.Originate?.Method == "BYE")).Originate;

        // It changes nothing but this.
        await node.SendAsync(ScriptedLink.Answers(bye, 200));
        await node.NextAsync(action => action.Confirm?.Sequence == 4);

        Assert.DoesNotContain((await store.SingleAsync()).Pending, each =>
            each.Effect is SendRequest request && request.Key.ToString() == bye.ActionKey);
    }

    [Fact]
    public async Task An_ACK_that_a_restarted_Kamailio_knows_by_its_dialog_only_is_not_lost()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.NextAsync(Kind.Reply);

        node.Detach();
        node.Attach("boot-2");
        await node.SendAsync(new()
        {
            Acknowledged = new() { Dialog = new() { CallId = "call-1", FromTag = "their-tag", ToTag = "our-tag", Cseq = 1 } },
        });
        await node.Router.DrainAsync(CancellationToken.None);

        var inviter = (await store.SingleAsync()).Conference.Participants.Values.Single(each => each.IsInviter);
        Assert.Equal(LegState.Active, inviter.Leg.State);
    }

    [Fact]
    public async Task A_request_for_somebody_else_is_handed_back()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var invite = ScriptedLink.GroupInvite();
        invite.Request.Uri = "sip:bob@example.com";

        await node.SendAsync(invite);

        Assert.Equal("t1", (await node.NextAsync(Kind.Decline)).Decline.Transaction);
    }

    [Fact]
    public async Task A_store_that_fails_refuses_the_request_and_the_next_one_works()
    {
        var store = new FailingStore();
        using var node = new ScriptedLink(store);
        store.Fails = true;

        await node.SendAsync(ScriptedLink.GroupInvite("t1"));
        var refused = (await node.NextAsync(Kind.Reply)).Reply;
        store.Fails = false;
        var again = ScriptedLink.GroupInvite("t2");
        again.Request.Headers.First(header => header.Name == "Call-ID").Value = Google.Protobuf.ByteString.CopyFromUtf8("call-2");
        await node.SendAsync(again);

        Assert.Equal(503u, refused.Code);
        Assert.Contains(refused.Headers, header => header.Name == "Retry-After");
        await node.NextAsync(Kind.Originate);
    }

    /// <summary>A store whose disk can be full.</summary>
    private sealed class FailingStore : IAggregateStore
    {
        private readonly InMemoryConferenceStore _inner = new();

        public bool Fails { get; set; }

        public ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation) =>
            _inner.LoadAsync(id, cancellation);

        public ValueTask<bool> TrySaveAsync(
            AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation) =>
            Fails ? throw new IOException("disk full") : _inner.TrySaveAsync(id, expectedRevision, changes, cancellation);

        public IAsyncEnumerable<AggregateId> ActiveAsync(CancellationToken cancellation) =>
            _inner.ActiveAsync(cancellation);
    }
}
