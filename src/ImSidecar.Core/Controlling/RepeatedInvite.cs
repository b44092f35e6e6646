using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// The same initial INVITE once more: by two paths (RFC 3261 8.2.2.2), or when its transaction is long over.
/// </summary>
internal static class RepeatedInvite
{
    // Tags are of the dialog; who is invited has none yet.
    public static Participant? Find(Conference conference, InviteRequest request) =>
        conference.Participants.Find(ParticipantName.Call(request.CallId))
            .FirstOrDefault(each => each.Leg.RemoteTag.Length > 0 && each.Leg.RemoteTag == request.From.Tag);

    public static Decision Answer(Conference conference, Participant earlier, InviteRequest request)
    {
        // What was answered is told to nobody but the one who asked.
        if (request.Originator is not { } originator || !earlier.IsAlso(originator))
            return Refusals.NoSuchDialog(conference, request);

        return earlier.Leg is { State: LegState.Answering or LegState.Ending, Accepted: { } accepted }
            ? Decision.Of(
                conference, accepted with { Transaction = request.Transaction, ToTag = earlier.Leg.LocalTag })
            : Refusals.Refuse(conference, request, SipStatus.LoopDetected, "Request was received before");
    }
}
