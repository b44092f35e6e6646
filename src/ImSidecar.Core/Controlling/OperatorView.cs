using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>What an operator may ask of a conference: unlike its participants he sees who hides.</summary>
public static class OperatorView
{
    /// <summary>Every part of the user who has that address, or is known to others by it.</summary>
    public static IEnumerable<Participant> PartsNamed(this Conference conference, SipUri user) =>
        conference.PartsOf(user).Concat(conference.PartsKnownAs(user))
            .DistinctBy(part => part.Id)
            .OrderBy(part => part.Number);

    public static IEnumerable<Subscription> SubscriptionsOf(this Conference conference, SipUri user) =>
        conference.Subscriptions.Of(user);

    /// <summary>Whose MSRP leg has that session id.</summary>
    public static Participant? PartOfMedia(this Conference conference, string sessionId) =>
        conference.LegOfMedia(sessionId);

    /// <summary>What the roster calls him; null: nothing.</summary>
    public static string? ShownName(this Participant participant) => DisplayName.Shown(participant);
}
