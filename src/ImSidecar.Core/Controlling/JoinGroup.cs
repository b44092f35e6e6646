using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// IM 7.2.1.4 Joining Pre-defined IM Group Session request, and IM 7.2.1.3/9: an INVITE to a group whose session is
/// active. <see cref="RejoinSession"/> comes in by the session identity.
/// </summary>
internal static class JoinGroup
{
    public static Decision OnInvite(Conference conference, InviteRequest request, GroupFacts group, Facts facts)
    {
        // IM 7.2.1.3/1: deleted, and the session not yet released.
        if (group.IsNone)
            return Refusals.NoSuchConference(conference, request);

        if (RepeatedInvite.Find(conference, request) is { } earlier)
            return RepeatedInvite.Answer(conference, earlier, request);

        // IM 7.2.1.4/1, IM 7.2.1.3/2
        if (request.Contact?.IsFocus() == true)
            return Refusals.FocusAlready(conference, request);

        // IM 7.2.1.4/2-a, IM 7.2.1.4/2-b
        if (request.Originator is not { } originator)
            return Refusals.Refuse(conference, request, SipStatus.Forbidden, "Originator not authenticated");

        var asking = Joiner.Of(request, AuthenticatedOriginator.AsksPrivacy(request));

        // IM 7.2.1.4/2-a, IM 7.2.1.4/2-b
        if (JoiningPolicy.Decide(group, asking, facts) is { Allowed: false } verdict)
            return Refusals.Forbid(conference, request, verdict.Reason, verdict.Explanation);

        // IM 7.2.1.4/3, IM 7.2.1.4/3-i, IM 7.2.1.4/3-ii
        if (Capacity.IsFull(conference, request.Head, facts) && !HistoryPolicy.MayEnterFull(conference, request, facts))
            return Refusals.TooMany(conference, request);

        // IM 7.2.1.4/7
        if (ArrivingParticipant.Check(conference, request, facts, out _) is { } refusal)
            return refusal;

        return EnterSession.OnInvite(conference, request, originator, facts);
    }
}
