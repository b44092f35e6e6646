using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// RFC 5839 4: a subscriber says by Suppress-If-Match which state he knows, or by * that he wants to be told none now.
/// Within a dialog no NOTIFY follows; one that makes a dialog is followed by a NOTIFY without a document.
/// </summary>
internal static class ConditionalSubscribe
{
    public static bool Holds(Conference conference, Subscription subscription, SubscribeRequest request, Facts facts) =>
        TagOf(request) is { } tag
        && (tag == "*" || (!subscription.OwesFullState
            && tag == StateTag.Of(conference, conference.RosterRevision, facts.Operator)));

    /// <summary>The subscription as it would be accepted, less what needs not be told.</summary>
    public static Subscription Apply(
        Conference conference, Subscription before, Subscription accepted, SubscribeRequest request, Facts facts)
    {
        if (request.IsInitial)
            return accepted with
            {
                OwesFullState = false,
                OwesTag = true,
                ToldUpTo = conference.RosterRevision,
            };

        // Who names no state has not been told what changed since his last NOTIFY, and will be.
        return accepted with
        {
            OwesFullState = before.OwesFullState,
            NotBefore = before.NotBefore,
            RepeatAt = facts.Now + accepted.Repeat,
            ToldUpTo = TagOf(request) == "*" ? before.ToldUpTo : conference.RosterRevision,
        };
    }

    private static string? TagOf(SubscribeRequest request) => request.Headers.First("Suppress-If-Match")?.Trim();
}
