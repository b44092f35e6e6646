using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;

namespace ImSidecar.Core.Controlling;

/// <summary>What the MSRP switch has to know of a participant's leg, IM 7.2.3 User plane.</summary>
internal static class LegOpening
{
    public static OpenLeg Of(Conference conference, Participant participant) =>
        new(conference.Id, Known(participant.Leg), AuthenticatedOriginator.CpimIdentities(participant))
        {
            Entity = participant.Entity,
            Address = participant.Address.Text,
            IsAnonymous = participant.IsAnonymous,
            Room = !conference.IsGroup ? []
                : conference.GroupIdentity is { } group ? [conference.SessionIdentity.Text, group.Text]
                : [conference.SessionIdentity.Text],
        };

    // While our re-INVITE is out nobody knows where the peer will be; before it is, he does not know our path, RFC 4975
    // 7.1.1. Either way nothing goes to him, and whoever comes is let in.
    private static LegMedia Known(Leg leg) =>
        leg.Reconnection?.Stage == ReconnectionStage.Proposing || MediaTransport.IsToldElsewhere(leg.Media)
            ? leg.Media with { RemotePath = [], Fingerprints = [] }
            : leg.Media;
}
