using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Policies;

/// <summary>IM 7.2.2.8 IM Session release policy: whether a session ends after somebody left it.</summary>
internal static class ReleasePolicy
{
    public static bool Decide(Conference conference, bool inviterLeft, OperatorPolicy policy)
    {
        var attending = 0;
        var invited = 0;
        foreach (var participant in conference.Participants.Values)
        {
            attending += participant.IsAttending || participant.Leg.State == LegState.Offered ? 1 : 0;
            invited += participant.IsInvited ? 1 : 0;
        }

        // A chat group is open as long as somebody is there.
        if (conference.Kind == ConferenceKind.Chat)
            return attending == 0 || (inviterLeft && policy.ReleaseWhenInviterLeaves);

        // Invitees who may still answer have not left: the session waits for them as long as somebody does.
        if (attending == 0 || attending + invited <= 1)
            return true;

        return inviterLeft && policy.ReleaseWhenInviterLeaves;
    }
}
