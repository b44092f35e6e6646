using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Core.Notifications;

/// <summary>IM 7.9.1.1.5: the conference-info document, whole or as changed since a revision.</summary>
internal static class ConferenceStateDocument
{
    public static ConferenceInfo Full(Conference conference, OperatorPolicy policy) =>
        Document(conference, ElementState.Full, Users(conference, since: -1)) with
        {
            Description = Description(conference, policy),
        };

    // IM 7.9.1.1.5/partial
    public static ConferenceInfo Partial(Conference conference, long since, OperatorPolicy policy)
    {
        var present = Users(conference, since);
        var entities = present.Select(user => user.Entity).ToHashSet(StringComparer.Ordinal);

        // Who came back under the same entity is present, not gone.
        var gone = conference.Departures.Values
            .Where(departure => departure.Revision > since && !entities.Contains(departure.Entity))
            .OrderBy(departure => departure.Revision)
            .Select(RosterEntry.Of);
        return Document(conference, ElementState.Partial, [.. present, .. gone]) with
        {
            Description = conference.DescribedAt > since ? Description(conference, policy) : null,
        };
    }

    /// <summary>RFC 4575 4.4: there is no conference any more.</summary>
    public static ConferenceInfo Gone(Conference conference) => new()
    {
        // IM 7.9.1.1.5/1
        Entity = EntityOf(conference),
        State = ElementState.Deleted,
    };

    private static string EntityOf(Conference conference) =>
        (conference.GroupIdentity ?? conference.SessionIdentity).Text;

    private static ImmutableArray<ConferenceUser> Users(Conference conference, long since) =>
        [.. conference.Participants.ShownSince(since).Select(RosterEntry.Of)];

    private static ConferenceInfo Document(
        Conference conference, ElementState state, ImmutableArray<ConferenceUser> users) => new()
        {
            // IM 7.9.1.1.5/1: an ad-hoc session has no group identity, its session identity stands for it.
            Entity = EntityOf(conference),
            State = state,
            // Who rings is shown and not counted.
            ConferenceState = new((uint)conference.Participants.Users, Active: !conference.IsOver),

            // IM 7.9.1.1.5/2: the list says its own state, for without it a receiver takes it for the whole.
            Users = new(state, users),
        };

    private static ConferenceDescription Description(Conference conference, OperatorPolicy policy) => new(
        conference.GroupName, conference.Subject, MaximumUserCount: (uint)MaxParticipants(conference, policy));

    private static int MaxParticipants(Conference conference, OperatorPolicy policy) =>
        conference.GroupIdentity is null
            ? policy.MaxAdHocParticipants
            : Math.Min(conference.MaxParticipants ?? int.MaxValue, policy.MaxGroupParticipants);
}
