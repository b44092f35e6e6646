using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;

namespace ImSidecar.Core.Controlling;

/// <summary>What the MSRP switch has to know of a participant's leg, IM 7.2.3 User plane.</summary>
internal static class LegOpening
{
    public static OpenLeg Of(Conference conference, Participant participant, LegMedia media) =>
        new(conference.Id, media, AuthenticatedOriginator.CpimIdentities(participant))
        {
            Entity = participant.Entity,
            Address = participant.Address.Text,
            IsAnonymous = participant.IsAnonymous,
            Room = !conference.IsGroup ? []
                : conference.GroupIdentity is { } group ? [conference.SessionIdentity.Text, group.Text]
                : [conference.SessionIdentity.Text],
        };
}
