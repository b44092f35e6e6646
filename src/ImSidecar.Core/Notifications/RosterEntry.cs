using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Core.Notifications;

/// <summary>How a participant stands in a conference-info document, IM 7.9.1.1.5/2.</summary>
internal static class RosterEntry
{
    public static ConferenceUser Of(Participant participant) =>
        // IM 7.9.1.1.5/2a, IM 7.9.1.1.5/2a-i, IM 7.9.1.1.5/2a-ii, IM 7.9.1.1.5/2a-iii:
        // the entity was chosen when he came.
        new(participant.Entity,
        [
            // IM 7.9.1.1.5/2c, IM 7.9.1.1.5/2c-i, IM 7.9.1.1.5/2c-ii-A, IM 7.9.1.1.5/2c-ii-D
            new(EndpointOf(participant), participant.Invitation == Invitation.Ringing
                ? EndpointStatus.Alerting
                : EndpointStatus.Connected),
        ])
        {
            // IM 7.9.1.1.5/2b
            DisplayText = DisplayName.Shown(participant),
        };

    public static ConferenceUser Of(Departure departure) =>
        new(departure.Entity,
        [
            // IM 7.9.1.1.5/2c-ii-B
            new(departure.Endpoint, EndpointStatus.Disconnected) { DisconnectionMethod = departure.Method },
        ])
        {
            DisplayText = departure.DisplayName,
        };

    /// <summary>
    /// The leg's Contact; for who asked privacy or has not answered a name that says nothing, no tag either.
    /// </summary>
    public static string EndpointOf(Participant participant) =>
        participant.IsAnonymous || participant.Leg.RemoteTarget is not { } contact
            ? "urn:x-imsidecar:" + participant.Id
            : contact.Text;
}
