using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Core.Notifications;

/// <summary>IM 7.9.1.1.5: the conference-info document, whole or as changed since a revision.</summary>
internal static class ConferenceStateDocument
{
    public static ConferenceInfo Full(Conference conference, OperatorPolicy policy) =>
        Document(conference, ElementState.Full,
            [.. Shown(conference).Select(RosterEntry.Of)]) with
        {
            Description = new(
                conference.GroupName, conference.Subject, MaximumUserCount: (uint)MaxParticipants(conference, policy)),
        };

    // IM 7.9.1.1.5/partial
    public static ConferenceInfo Partial(Conference conference, long since)
    {
        var changed = Shown(conference).Where(participant => participant.ChangedAt > since).Select(RosterEntry.Of);
        var present = changed.ToImmutableArray();

        // Who came back under the same entity is present, not gone.
        var gone = conference.Departures.Values
            .Where(departure => departure.Revision > since && !present.Any(user => user.Entity == departure.Entity))
            .OrderBy(departure => departure.Revision)
            .Select(RosterEntry.Of);
        return Document(conference, ElementState.Partial, [.. present, .. gone]);
    }

    private static ConferenceInfo Document(
        Conference conference, ElementState state, ImmutableArray<ConferenceUser> users) => new()
        {
            // IM 7.9.1.1.5/1: an ad-hoc session has no group identity, its session identity stands for it.
            Entity = (conference.GroupIdentity ?? conference.SessionIdentity).Text,
            State = state,
            // Who rings is shown and not counted.
            ConferenceState =
                new(UserCount: (uint)Shown(conference).Count(each => each.Invitation != Invitation.Ringing)),

            // IM 7.9.1.1.5/2: the list says its own state, for without it a receiver takes it for the whole.
            Users = new(state, users),
        };

    private static int MaxParticipants(Conference conference, OperatorPolicy policy) =>
        conference.GroupIdentity is null
            ? policy.MaxAdHocParticipants
            : Math.Min(conference.MaxParticipants ?? int.MaxValue, policy.MaxGroupParticipants);

    // One user is one element, RFC 4575 5.6: who came again is shown where he is, not where he is being removed.
    private static IEnumerable<Participant> Shown(Conference conference) =>
        conference.Participants.Values.Where(participant => participant.IsShown)
            .OrderBy(participant => participant.Leg.State != LegState.Ending)
            .ThenBy(participant => participant.Number)
            .GroupBy(participant => participant.Entity, (_, parts) => parts.Last())
            .OrderBy(participant => participant.Number);
}
