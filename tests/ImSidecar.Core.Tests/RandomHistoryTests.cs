using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests;

/// <summary>
/// Whatever happens in whatever order: what the rules promise at each step, and that every session ends.
/// </summary>
public class RandomHistoryTests
{
    private const int Steps = 150;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory, MemberData(nameof(Seeds)), Trait("Spec", "RFC 4575 4.6"), Trait("Spec", "IM 7.9.1.1.5/partial")]
    public void Subscribers_who_merge_what_they_get_see_what_is(int seed)
    {
        var history = new RandomHistory(seed);
        for (var step = 0; step < Steps && history.Scene.Conference is not null; step++)
        {
            history.Step();
            AssertViews(history.Scene);
        }
    }

    [Theory, MemberData(nameof(Seeds)), Trait("Spec", "IM 7.9.1.1.5/2c-ii-B")]
    public void Nobody_leaves_without_that_each_who_watches_is_told(int seed)
    {
        var history = new RandomHistory(seed);
        var scene = history.Scene;
        var untold = new Dictionary<DialogId, HashSet<string>>();
        scene.OnDocument = (dialog, document) =>
        {
            if (document.State != ElementState.Partial)
                untold.Remove(dialog);
            else if (untold.TryGetValue(dialog, out var left))
                left.ExceptWith(document.Users!.List.Select(user => user.Entity));
        };

        for (var step = 0; step < Steps && scene.Conference is { IsOver: false } before; step++)
        {
            var watching = before.Subscriptions.Values.Where(each => each.Version > 0).ToList();
            history.Step();
            if (scene.Conference is not { IsOver: false } after)
                return;

            // What this step tells it tells of itself.
            var gone = EntitiesOf(before).Except(EntitiesOf(after)).ToList();
            foreach (var each in watching.Where(each =>
                after.Subscriptions.TryGetValue(each.Dialog, out var now) && now.IsBehind(after.RosterRevision)))
                untold[each.Dialog] = [.. untold.GetValueOrDefault(each.Dialog, []), .. gone];
            foreach (var each in after.Subscriptions.Values.Where(each => !each.IsBehind(after.RosterRevision)))
                Assert.Empty(scene.IsHolding ? [] : untold.GetValueOrDefault(each.Dialog, []));
        }
    }

    private static IEnumerable<string> EntitiesOf(Conference conference) =>
        conference.Participants.ShownSince(-1).Select(each => each.Entity);

    [Theory, MemberData(nameof(Seeds)), Trait("Spec", "RFC 3261 17.2")]
    public void Keys_and_replies_are_never_repeated(int seed)
    {
        var history = new RandomHistory(seed);
        for (var step = 0; step < Steps; step++)
            history.Step();

        var keys = history.Scene.Effects.Select(KeyOf).OfType<ActionKey>().ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.All(keys, key => Assert.True(ActionKey.TryParse(key.ToString(), out var read) && read == key));

        var replies =
            history.Scene.Effects.OfType<Respond>().Select(reply => (reply.Transaction, reply.Ordinal)).ToList();
        Assert.Equal(replies.Count, replies.Distinct().Count());
        Assert.DoesNotContain(replies, reply => reply.Ordinal == 2 && history.Ended.Contains(reply.Transaction));
    }

    [Theory, MemberData(nameof(Seeds)), Trait("Spec", "RFC 3261 17")]
    public void Deadlines_lie_ahead_and_every_session_is_forgotten_in_the_end(int seed)
    {
        var history = new RandomHistory(seed);
        for (var step = 0; step < Steps; step++)
        {
            var before = history.Scene.Conference;
            history.Step();
            AssertRevision(before, history.Scene.Conference);
        }

        history.EverybodyLeaves();
        var scene = history.Scene;
        for (var steps = 0; scene.Conference is { } conference; steps++)
        {
            Assert.True(steps < 50, "The session does not end");
            Assert.NotNull(ConferenceMachine.NextDue(conference));
            var due = ConferenceMachine.NextDue(conference)!.Value;
            scene.After(Math.Max(0, (due - scene.Facts.Now).TotalSeconds));
            if (scene.Conference is { } next)
                Assert.True(ConferenceMachine.NextDue(next) > scene.Facts.Now, "A deadline stays in the past");
        }
    }

    [Theory, MemberData(nameof(Seeds)), Trait("Spec", "RFC 3515 2.4")]
    public void Who_refers_is_told_in_order_and_no_longer_than_he_attends(int seed)
    {
        var history = new RandomHistory(seed);
        for (var step = 0; step < Steps; step++)
        {
            history.Step();
            if (history.Scene.Conference is { } conference)
            {
                AssertReferrals(conference);
                AssertNicknames(conference);
            }
        }

        var told = history.Scene.Effects.OfType<SendRequest>().Where(each => each.Request.Method == "NOTIFY")
            .GroupBy(each => (each.Request.CallId, each.Request.FromTag, each.Request.ToTag));
        Assert.All(told, dialog => Assert.Equal(
            dialog.Select(each => each.Request.CSeq).Distinct().Order(), dialog.Select(each => each.Request.CSeq)));
    }

    [Theory, MemberData(nameof(Seeds)), Trait("Spec", "RFC 4975 4.1")]
    public void Legs_are_opened_before_and_closed_after_and_none_is_left_over(int seed)
    {
        var history = new RandomHistory(seed);
        for (var step = 0; step < Steps; step++)
            history.Step();
        history.EverybodyLeaves();
        while (history.Scene.Conference is not null)
            history.Scene.After(700);

        var open = new HashSet<string>();
        foreach (var effect in history.Scene.Effects)
        {
            if (effect is OpenLeg opened)
                open.Add(opened.Media.SessionId);
            else if (effect is CloseLeg closed)
                open.Remove(closed.SessionId);
        }

        Assert.Empty(open);
    }

    [Theory, MemberData(nameof(Seeds)), Trait("Spec", "RFC 3261 17")]
    public void What_is_counted_and_found_is_what_a_look_at_everybody_gives(int seed)
    {
        var history = new RandomHistory(seed);
        var known = new HashSet<ParticipantName>();
        for (var step = 0; step < Steps; step++)
        {
            history.Step();
            if (history.Scene.Conference is not { } conference)
                continue;

            AssertTable(conference.Participants, known);
            AssertTable(conference);
        }
    }

    private static void AssertTable(ParticipantTable table, HashSet<ParticipantName> known)
    {
        var people = table.Values.Where(each => !each.IsHistory).ToList();
        var present = people.Where(each => each.IsAttending || each.Leg.State == LegState.Offered).ToList();
        Assert.Equal(
            (people.Count(each => each.IsAttending), present.Count, people.Count(each => each.IsInvited)),
            (table.Tally.Attending, table.Tally.Present, table.Tally.Invited));
        Assert.Equal(
            (people.Count(each => each.HasPlace), present.Count(each => each.IsKey)),
            (table.Tally.Places, table.Tally.Key));
        Assert.Equal(
            people.Where(each => each.IsAttending).Sum(each => each.Requirements), table.Tally.Requirements);
        Assert.Equal(
            table.Values.Count(each => each.IsInvited || each.Invitation == Invitation.Cancelling),
            table.Tally.Unsettled);
        Assert.Equal(table.Values.Min(each => each.DueAt), table.FirstDue);
        var shown = table.Values.Where(each => each.IsShown).GroupBy(each => each.Entity)
            .Select(same => same.OrderBy(each => each.Leg.State != LegState.Ending).ThenBy(each => each.Number).Last())
            .OrderBy(each => each.Number).ToList();
        Assert.Equal(shown.Count(each => each.Invitation != Invitation.Ringing), table.Users);
        Assert.All(shown.Select(each => each.ChangedAt).Prepend(-1), since => Assert.Equal(
            shown.Where(each => each.ChangedAt > since).Select(each => each.Id),
            table.ShownSince(since).Select(each => each.Id)));
        Assert.Equal(
            table.Values.Where(each => each.DueAt is not null).Select(each => each.Id).Order(StringComparer.Ordinal),
            table.DueBy(DateTimeOffset.MaxValue).Select(each => each.Id).Order(StringComparer.Ordinal));

        // Names of those who are gone name nobody.
        var named = table.Values
            .SelectMany(each => ParticipantName.Of(each).Distinct(), (each, name) => (name, each.Id))
            .ToLookup(each => each.name, each => each.Id);
        known.UnionWith(named.Select(each => each.Key));
        Assert.All(known, name => Assert.Equal(
            named[name].Order(StringComparer.Ordinal),
            table.Find(name).Select(each => each.Id).Order(StringComparer.Ordinal)));
    }

    // What a table that has grown change by change tells is what one look at each subscription gives.
    private static void AssertTable(Conference conference)
    {
        var table = conference.Subscriptions;
        var due = table.Values.ToLookup(each => each.DueAt(each.IsBehind(conference.RosterRevision)));
        Assert.Equal(due.Count == 0 ? null : due.Min(each => each.Key), table.FirstDue);
        Assert.All(due, each => Assert.Equal(
            due.Where(other => other.Key <= each.Key).Sum(other => other.Count()), table.DueBy(each.Key).Count));
        Assert.Equal(
            table.Values.Select(each => each.HeardUpTo).DefaultIfEmpty(long.MaxValue).Min(), table.HeardByAll);
        Assert.All(table.Values, each =>
        {
            Assert.Same(each, table.Find(each.Id));
            Assert.Same(each, table[each.Dialog]);
            Assert.Contains(each, table.Of(each.Subscriber));
            Assert.Contains(each, table.OfPeer(each.Dialog.CallId, each.Dialog.RemoteTag));
        });
        Assert.All(users, user => Assert.Equal(
            table.Values.Count(each => each.Subscriber.SamePerson(user)), table.Of(user).Count()));
        Assert.All(
            conference.Departures.Values, departure => Assert.True(departure.Revision > table.HeardByAll));
    }

    private static readonly SipUri[] users = [alice, bob, carol, dave];

    private static ActionKey? KeyOf(Effect effect) => effect switch
    {
        SendRequest request => request.Key,
        SendNotify notify => notify.Key,
        SendAck ack => ack.Key,
        SendCancel cancel => cancel.Key,
        _ => null,
    };

    private static void AssertRevision(Conference? before, Conference? after)
    {
        if (before is null || after is null)
            return;

        Assert.True(after.Revision >= before.Revision);
        Assert.Equal(ReferenceEquals(before, after), after.Revision == before.Revision);
        Assert.True(after.RosterRevision <= after.Revision);
        Assert.All(
            after.Participants.Values, participant => Assert.True(participant.ChangedAt <= after.RosterRevision));
    }

    private static void AssertNicknames(Conference conference) => Assert.All(
        conference.Participants.Values.Where(each => each.IsAttending && each.Nickname is not null), named =>
            Assert.DoesNotContain(conference.Participants.Values, other => other.IsAttending && !other.IsAlso(named)
                && other.Nickname is { } taken && NicknameKey.Of(taken) == NicknameKey.Of(named.Nickname!)));

    private static void AssertReferrals(Conference conference)
    {
        Assert.True(conference.Referrals.Count <= ReferProgress.MaxReferrals);
        var told = conference.Referrals.Values.Select(each => (each.Subscription.Dialog, each.Subscription.EventId));
        Assert.Equal(conference.Referrals.Count, told.Distinct().Count());
        Assert.All(conference.Referrals.Values.Where(each => each.Leg is not null), referral =>
            Assert.True(conference.Participants[referral.Leg!].IsAttending));
    }

    private static void AssertViews(Scene scene)
    {
        if (scene.Conference is not { } conference || scene.IsHolding)
            return;

        var full = ConferenceStateDocument.Full(conference, policy);
        var truth = new ConferenceView();
        truth.Apply(full);
        foreach (var subscription in conference.Subscriptions.Values)
        {
            if (subscription.OwesFullState || subscription.ToldUpTo != conference.RosterRevision)
                continue;

            // Who was told that the session is gone, or that he knows all there is, has been told no roster.
            if (!scene.Sees(subscription.Dialog, out var view))
                continue;

            Assert.True(view.HasSameRoster(truth), $"He sees\n{view}\nbut there are\n{truth}");
            Assert.Equal(full.ConferenceState, view.State);
            Assert.All(view.Users.Values, user => Assert.Single(user.Endpoints));
        }
    }
}
