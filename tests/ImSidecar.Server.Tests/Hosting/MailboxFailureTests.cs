using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Format;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What fails costs itself: one effect, one event, never the conference.</summary>
public class MailboxFailureTests
{
    [Fact]
    public async Task An_effect_that_fails_holds_up_no_other()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        node.Switch.Fails = true;

        await node.SendAsync(ScriptedLink.GroupInvite());
        var bobs = (await node.NextAsync(Kind.Originate)).Originate;
        var carols = (await node.NextAsync(Kind.Originate)).Originate;

        Assert.NotEqual(bobs.ActionKey, carols.ActionKey);
    }

    [Fact]
    public async Task What_ends_another_fork_is_saved_before_it_is_sent()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.NextAsync(Kind.Reply);

        await node.SendAsync(ScriptedLink.Accepts(invite, "desk"));
        var bye = await node.NextAsync(action => action.Originate?.Method == "BYE");

        var pending = (await store.SingleAsync()).Pending;
        Assert.Contains(pending, each => each.Effect is SendAck { ToTag: "desk" });
        Assert.Contains(pending, each =>
            each.Effect is SendRequest request && request.Key.ToString() == bye.Originate.ActionKey);
    }

    [Fact]
    public async Task An_event_whose_outcome_cannot_be_stored_is_given_up_and_the_next_one_works()
    {
        var store = new BreakingStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        store.Breaks = changes => ((ConferenceChanges)changes).Participants.Any(each => each.Leg.RemoteTag == "poison")
            ? new StoredFormatException("does not survive being stored")
            : null;

        await node.SendAsync(ScriptedLink.Accepts(invite, "poison"));
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));

        Assert.Equal("bob", (await node.NextAsync(Kind.Ack)).Ack.ToTag);
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Equal(3ul, node.Confirmed);
    }

    [Fact]
    public async Task An_answer_that_is_given_up_still_strikes_off_its_request()
    {
        var store = new BreakingStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        store.Breaks = changes => ((ConferenceChanges)changes).Participants.Any(each => each.Leg.RemoteTag == "poison")
            ? new StoredFormatException("does not survive being stored")
            : null;

        await node.SendAsync(ScriptedLink.Accepts(invite, "poison"));
        await node.NextAsync(action => action.Confirm?.Sequence == 2);

        Assert.DoesNotContain((await store.SingleAsync()).Pending, each =>
            each.Effect is SendRequest request && request.Key.ToString() == invite.ActionKey);
    }

    [Fact]
    public async Task A_conference_that_cannot_be_read_costs_its_own_requests_only()
    {
        var store = new BreakingStore { Unreadable = true };
        using var node = new ScriptedLink(store);

        await node.SendAsync(ScriptedLink.GroupInvite());
        Assert.Equal(500u, (await node.NextAsync(Kind.Reply)).Reply.Code);

        await node.NextAsync(action => action.Confirm?.Sequence == 1);
        Assert.True(SpinWait.SpinUntil(() => node.Router.Count == 0, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_save_that_failed_after_all_was_written_is_still_performed()
    {
        var store = new BreakingStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        store.BreaksLate = true;

        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));

        Assert.Equal("bob", (await node.NextAsync(Kind.Ack)).Ack.ToTag);
        Assert.Equal(200u, (await node.NextAsync(Kind.Reply)).Reply.Code);
    }

    [Fact]
    public async Task A_refused_set_up_that_was_written_all_the_same_is_given_up()
    {
        var store = new BreakingStore { BreaksLate = true };
        using var node = new ScriptedLink(store);

        await node.SendAsync(ScriptedLink.GroupInvite());
        Assert.Equal(503u, (await node.NextAsync(Kind.Reply)).Reply.Code);

        await node.NextAsync(Kind.Cancel);
    }

    [Fact]
    public async Task A_refused_set_up_leaves_no_mailbox()
    {
        var store = new BreakingStore { Breaks = _ => new StoreUnavailableException("disk full") };
        using var node = new ScriptedLink(store);

        await node.SendAsync(ScriptedLink.GroupInvite());
        await node.NextAsync(Kind.Reply);

        Assert.True(SpinWait.SpinUntil(() => node.Router.Count == 0, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_rule_that_fails_on_time_is_not_tried_again_at_once()
    {
        var time = new ManualTime();
        using var node = new ScriptedLink(
            new InMemoryConferenceStore(), policy => policy with { TransactionDeadline = TimeSpan.MaxValue }, time);
        await node.SendAsync(ScriptedLink.GroupInvite());
        await node.NextAsync(Kind.Confirm);
        await node.Router.DrainAsync(CancellationToken.None);

        time.Advance(TimeSpan.FromMinutes(2));
        for (var i = 0; i < 20; i++)
            await node.Router.DrainAsync(CancellationToken.None);

        Assert.InRange(time.Fired, 1, 5);
    }

    [Fact]
    public async Task A_conference_has_one_alarm_however_often_it_asks()
    {
        var time = new ManualTime();
        using var node = new ScriptedLink(new InMemoryConferenceStore(), time: time);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.NextAsync(Kind.Reply);

        for (var i = 0; i < 10; i++)
        {
            time.Advance(TimeSpan.FromSeconds(3));
            await node.Router.DrainAsync(CancellationToken.None);
            await node.SendAsync(ScriptedLink.Accepts(invite, "fork" + i));
            await node.NextAsync(Kind.Ack);
        }

        await node.Router.DrainAsync(CancellationToken.None);
        Assert.InRange(node.Alarms, 0, 1);
    }

    [Fact]
    public async Task An_event_that_fails_outside_a_conference_costs_neither_the_stream_nor_the_next_one()
    {
        using var node = new ScriptedLink(
            new InMemoryConferenceStore(), policy => policy with { ReleaseVersion = null! });
        var invite = ScriptedLink.GroupInvite();
        invite.Request.Uri = "sip:nobody@im.example.com";

        await node.SendAsync(invite);

        Assert.Equal(500u, (await node.NextAsync(Kind.Reply)).Reply.Code);
        Assert.Equal(1ul, node.Confirmed);
    }

    /// <summary>A store that refuses what it is told to, or fails once having written.</summary>
    private sealed class BreakingStore : IAggregateStore
    {
        private readonly InMemoryConferenceStore _inner = new();

        public Func<AggregateChanges, Exception?> Breaks { get; set; } = _ => null;

        public bool BreaksLate { get; set; }

        public bool Unreadable { get; set; }

        public Task<StoredAggregate> SingleAsync() => _inner.SingleAsync();

        public ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation) => Unreadable
            ? throw new StoredFormatException("written by another")
            : _inner.LoadAsync(id, cancellation);

        public async ValueTask<bool> TrySaveAsync(
            AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation)
        {
            if (Breaks(changes) is { } failure)
                throw failure;

            var isSaved = await _inner.TrySaveAsync(id, expectedRevision, changes, cancellation);
            if (!BreaksLate)
                return isSaved;

            BreaksLate = false;
            throw new IOException("the answer was lost");
        }

        public IAsyncEnumerable<AggregateId> ActiveAsync(CancellationToken cancellation) =>
            _inner.ActiveAsync(cancellation);
    }
}
