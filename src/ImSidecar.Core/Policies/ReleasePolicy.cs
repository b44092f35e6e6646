using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Policies;

/// <summary>IM 7.2.2.8 IM Session release policy: whether a session ends after somebody left it.</summary>
internal static class ReleasePolicy
{
    /// <param name="left">Who has just left; null: nobody, an invitation has come to nothing.</param>
    public static bool Decide(Conference conference, Participant? left, OperatorPolicy policy)
    {
        // Who only records does not keep a session.
        var tally = conference.Participants.Tally;

        // Invitees who may still answer have not left: the session waits for them as long as somebody does.
        if (tally.Present == 0)
            return true;

        // A chat group is open as long as somebody is there.
        if (conference.Kind != ConferenceKind.Chat && tally.Present + tally.Invited <= 1)
            return true;

        // IM 7.2.2.8: session-active-policy has held, and does no more.
        if (tally.Invited == 0 && conference.Conditions is { HaveHeld: true } && !ActivePolicy.Holds(conference))
            return true;

        if (policy.ReleaseWhenKeyParticipantsLeave && left is { IsKey: true } && tally.Key == 0)
            return true;

        return policy.ReleaseWhenInviterLeaves && left is { IsInviter: true };
    }
}
