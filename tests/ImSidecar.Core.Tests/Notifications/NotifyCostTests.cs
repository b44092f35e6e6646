using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Notifications;

/// <summary>What one watcher costs does not depend on how many there are.</summary>
public class NotifyCostTests
{
    private static readonly SipResponse ok = new(SipStatus.Ok, SipHeaders.Empty, default);

    private static readonly Facts facts = With(policy with { SubscriberMustAttend = false });

    [Fact, Trait("Spec", "RFC 6665 4.2.2")]
    public void An_answer_to_a_notify_costs_the_same_among_hundred_and_among_three_thousand()
    {
        _ = BytesOfAnswer(100);

        var (few, many) = (BytesOfAnswer(100), BytesOfAnswer(3200));

        // The tables are trees: five levels more.
        Assert.True(many < 2 * few, $"{few} bytes among 100, {many} among 3200");
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/rate")]
    public void A_change_that_has_to_wait_for_its_time_costs_the_same_whoever_waits()
    {
        _ = BytesOfChange(100);

        var (few, many) = (BytesOfChange(100), BytesOfChange(3200));

        Assert.True(many < 2 * few, $"{few} bytes among 100, {many} among 3200");
    }

    private static Conference Watched(int watchers)
    {
        var conference = AdHocConference(alice, bob, carol, dave);
        for (var i = 0; i < watchers; i++)
        {
            var subscribe = Subscribe(Uri($"sip:w{i}@example.com"));
            conference = Apply(conference, new RequestArrived(subscribe)).Conference!;
        }

        return conference;
    }

    private static long BytesOfAnswer(int watchers)
    {
        var conference = Watched(watchers);
        return BytesOf(() => Apply(conference, AnswerTo(conference.Subscriptions.Find("s" + (watchers / 2 + 5))!)));
    }

    // The first change within the interval is owed to all; of the next ones nobody needs to know before his time.
    private static long BytesOfChange(int watchers)
    {
        var conference = Watched(watchers);
        foreach (var subscription in conference.Subscriptions.Values)
            conference = Apply(conference, AnswerTo(subscription)).Conference!;

        conference = Leave(conference, carol);
        return BytesOf(() => Leave(conference, dave));
    }

    private static Conference Leave(Conference conference, SipUri user)
    {
        var leaving = conference.Participants.Values.Single(each => each.Address.SameAddress(user));
        return Apply(conference, new RequestArrived(Bye(leaving))).Conference!;
    }

    private static ResponseArrived AnswerTo(Subscription subscription) =>
        new(new(conferenceId, subscription.Id, "NOTIFY", subscription.LocalCSeq), ok);

    private static Decision Apply(Conference conference, AggregateEvent happened) =>
        ConferenceMachine.Apply(conference, conferenceId, happened, facts);

    private static long BytesOf(Func<object?> work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(work());
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
