using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.5 Rejoining IM Group Session request: an INVITE to a session identity.</summary>
internal static class RejoinSession
{
    public static Decision OnInvite(Conference? conference, InviteRequest request, Facts facts)
    {
        // IM 7.2.1.5/1: 403 by the text, 404 for clients that expect 11.2.
        if (conference is null || conference.IsOver || !conference.SessionIdentity.SameAddress(request.Uri))
        {
            return facts.Operator.UnknownSessionCode == SipStatus.NotFound.Code
                ? Refusals.NoSuchConference(conference, request)
                : Refusals.Refuse(conference, request, SipStatus.Forbidden, "Session does not exist");
        }

        // A pre-defined group is entered the same way by either name.
        return conference.GroupIdentity is not null && facts.Group is { } group
            ? JoinGroup.OnInvite(conference, request, group, facts)
            : Refusals.Refuse(conference, request, SipStatus.Forbidden, "Joining this session is not allowed");
    }
}
