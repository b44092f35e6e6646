using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Conferences;

/// <summary>Look-ups in a conference and the small changes that every procedure makes the same way.</summary>
internal static class ConferenceLookups
{
    /// <summary>The participants as they came, for effects in an order that does not depend on the process.</summary>
    public static IEnumerable<Participant> InOrder(this Conference conference) =>
        conference.Participants.Values.OrderBy(participant => participant.Number);

    public static Participant? LegOf(this Conference conference, DialogId dialog) =>
        conference.Participants.Find(ParticipantName.Call(dialog.CallId))
            .FirstOrDefault(participant => participant.Leg.Dialog == dialog);

    /// <summary>Whose INVITE of ours may still make that dialog: our side of it is known.</summary>
    public static Participant? LegInviting(this Conference conference, DialogId dialog) =>
        conference.Participants.Find(ParticipantName.Call(dialog.CallId))
            .FirstOrDefault(participant => participant.Leg is { State: LegState.Inviting } leg
                && leg.LocalTag == dialog.LocalTag);

    public static Participant? LegAnswering(this Conference conference, string transaction) =>
        conference.Participants.Find(ParticipantName.Transaction(transaction)).FirstOrDefault();

    public static Participant? LegReinvited(this Conference conference, string transaction) =>
        conference.Participants.Find(ParticipantName.Reinvite(transaction)).FirstOrDefault();

    public static Participant? LegOfMedia(this Conference conference, string sessionId) =>
        conference.Participants.Find(ParticipantName.Media(sessionId)).FirstOrDefault();

    public static Participant? Inviter(this Conference conference) =>
        conference.Participants.Find(ParticipantName.Inviter).FirstOrDefault();

    /// <summary>The address that the focus answers and invites as, IM 7.2.1.1/4.</summary>
    public static SipUri FocusAddress(this Conference conference, OperatorPolicy policy) =>
        conference.GroupIdentity ?? policy.ConferenceFactory;

    /// <summary>True for the session identity and the group identity; those of earlier sessions are no more.</summary>
    public static bool IsCalled(this Conference conference, SipUri uri) =>
        conference.SessionIdentity.SameAddress(uri) || conference.GroupIdentity?.SameAddress(uri) == true;

    /// <summary>Every part that the user has in the conference: he attends, is being answered, or is invited.</summary>
    public static IEnumerable<Participant> PartsOf(this Conference conference, params IEnumerable<SipUri> user) =>
        user.SelectMany(address => conference.Participants.Find(ParticipantName.Person(address)))
            .DistinctBy(participant => participant.Id)
            .OrderBy(participant => participant.Number);

    /// <summary>The same for one who asserts several addresses, known to us by any of them; IM 5.1.</summary>
    public static IEnumerable<Participant> PartsOf(this Conference conference, RequestHead user) =>
        conference.PartsOf(user.Identities.Select(identity => identity.Uri));

    /// <summary>Who came in by any of the addresses of that one, himself too.</summary>
    public static IEnumerable<Participant> PartsOf(this Conference conference, Participant user) =>
        conference.PartsOf(user.OtherAddresses.Prepend(user.Address));

    /// <summary>Who others may mean by that address; who hides is found by his alias only.</summary>
    public static IEnumerable<Participant> PartsKnownAs(this Conference conference, SipUri address) =>
        conference.Participants.Find(ParticipantName.Person(address)).Where(participant => !participant.IsAnonymous)
            .Concat(conference.Participants.Find(ParticipantName.Shown(address)))
            .DistinctBy(participant => participant.Id)
            .OrderBy(participant => participant.Number);

    public static bool IsAttending(this Conference conference, SipUri user) =>
        conference.PartsOf(user).Any(participant => participant.IsAttending);

    public static Conference With(this Conference conference, Participant participant) =>
        conference with { Participants = conference.Participants.Set(participant) };

    /// <summary>As With; the peer's target is his endpoint in the roster, so another one is seen.</summary>
    public static Conference WithDialog(this Conference conference, Participant participant) =>
        conference.Participants[participant.Id].Leg.RemoteTarget == participant.Leg.RemoteTarget
            ? conference.With(participant)
            : conference.WithVisible(participant);

    public static Conference With(this Conference conference, Subscription subscription) =>
        conference with { Subscriptions = conference.Subscriptions.Set(subscription) };

    /// <summary>
    /// As With, and marks that subscribers see a change; the revision is the one this decision will have.
    /// </summary>
    public static Conference WithVisible(this Conference conference, Participant participant)
    {
        var revision = conference.Revision + 1;
        return conference.With(participant with { ChangedAt = revision }) with { RosterRevision = revision };
    }
}
