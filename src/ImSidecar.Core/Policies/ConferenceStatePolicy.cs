using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Policies;

/// <summary>Who may see the state of a session without a group document: those who attend, IM 7.2.1.12/4.</summary>
internal static class ConferenceStatePolicy
{
    public static Verdict Decide(Conference conference, SipUri subscriber, OperatorPolicy policy)
    {
        if (policy.Barred.Contains(subscriber.AddressKey))
            return Verdict.Deny("User is barred from the IM service");

        if (policy.SubscriberMustAttend && !conference.IsAttending(subscriber))
            return Verdict.Deny("Not a participant");

        // One whose last NOTIFY is under way counts too: it is state we hold for him.
        var subscriptions = 0;
        foreach (var subscription in conference.Subscriptions.Values)
            subscriptions += subscription.Subscriber.SameAddress(subscriber) ? 1 : 0;

        return subscriptions < policy.MaxSubscriptionsPerUser
            ? Verdict.Allow
            : Verdict.Deny("Too many subscriptions");
    }
}
