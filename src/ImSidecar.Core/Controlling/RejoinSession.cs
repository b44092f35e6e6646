using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.5 Rejoining IM Group Session request: an INVITE to a session identity.</summary>
internal static class RejoinSession
{
    public static Decision OnInvite(Conference? conference, InviteRequest request, Facts facts)
    {
        // IM 7.2.1.5/1-a, IM 7.2.1.5/1-b
        if (conference is null || conference.IsOver || !conference.SessionIdentity.SameAddress(request.Uri))
            return Unknown(conference, request, facts);

        if (RepeatedInvite.Find(conference, request) is { } earlier)
            return RepeatedInvite.Answer(conference, earlier, request);

        // As in the sections before this one, which forgets it.
        if (request.Contact?.IsFocus() == true)
            return Refusals.FocusAlready(conference, request);

        // IM 7.2.1.5/2-a, IM 7.2.1.5/2-b
        if (request.Originator is not { } originator)
            return Refusals.Refuse(conference, request, SipStatus.Forbidden, "Originator not authenticated");

        var asking = Joiner.Of(request, AuthenticatedOriginator.AsksPrivacy(request));

        // IM 7.2.1.5/2-a, IM 7.2.1.5/2-b
        if (JoiningPolicy.Decide(conference, asking, facts) is { Allowed: false } verdict)
            return Refusals.Forbid(conference, request, verdict.Reason, verdict.Explanation);

        // IM 7.2.1.5/3: an ad-hoc session has its limit too, and a history function comes in as in the section before.
        if (Capacity.IsFull(conference, request.Head, facts) && !HistoryPolicy.MayEnterFull(conference, request, facts))
            return Refusals.TooMany(conference, request);

        // IM 7.2.1.5/7
        if (ArrivingParticipant.Check(conference, request, facts, out _) is { } refusal)
            return refusal;

        return EnterSession.OnInvite(conference, request, originator, facts);
    }

    // 403 by the text, 404 for clients that expect 11.2.
    private static Decision Unknown(Conference? conference, InviteRequest request, Facts facts) =>
        facts.Operator.UnknownSessionCode == SipStatus.NotFound.Code
            ? Refusals.NoSuchConference(conference, request)
            : Refusals.Refuse(conference, request, SipStatus.Forbidden, "Session does not exist");
}
