using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// A participant whose MSRP connection is gone, RFC 4975 5.4: who is the active side connects again; then a re-INVITE
/// asks for a new connection (<see cref="ModifySession.Propose"/>); who has none then is removed.
/// </summary>
internal static class MediaLoss
{
    // A peer who answers 491 for ever is busy with something else than this session.
    private const int MaxProposals = 10;

    public static Decision OnLegLost(Conference conference, string sessionId, Facts facts)
    {
        if (conference.LegOfMedia(sessionId) is not { IsAttending: true } participant
            || facts.Operator.MediaReconnect == TimeSpan.Zero)
            return Decision.Of(conference);

        return participant.Leg.Reconnection switch
        {
            null => Await(conference, participant, new(
                ReconnectionStage.Waiting, facts.Now + facts.Operator.MediaReconnect)),
            { IsConnected: true } reconnection =>
                Decision.Of(With(conference, participant, reconnection with { IsConnected = false })),
            _ => Decision.Of(conference),
        };
    }

    /// <summary>A leg that misses nothing is as it was: nothing is saved at an ordinary connect.</summary>
    public static Decision OnLegConnected(Conference conference, string sessionId)
    {
        if (conference.LegOfMedia(sessionId) is not { Leg.Reconnection: { IsConnected: false } missing } participant)
            return Decision.Of(conference);

        return Decision.Of(With(conference, participant, missing.Stage == ReconnectionStage.Proposing
            ? missing with { IsConnected = true }
            : null));
    }

    /// <summary>The connections ended with the node that held them: each leg is to get one again.</summary>
    public static Decision OnNodeStarted(Conference conference, string id, Facts facts)
    {
        var participant = conference.Participants[id];
        if (!participant.IsAttending || !participant.Leg.Media.IsNegotiated)
            return Decision.Of(conference, Open(conference, participant));

        var least = facts.Now + facts.Operator.MediaReconnect;
        var reconnection = participant.Leg.Reconnection ?? new(ReconnectionStage.Waiting, least);
        return Await(conference, participant, reconnection.Stage switch
        {
            ReconnectionStage.Proposing => reconnection with
            {
                By = Later(reconnection.By, facts.Now + facts.Operator.TransactionDeadline),
                IsConnected = false,
            },
            _ when facts.Operator.MediaReconnect == TimeSpan.Zero => null,
            ReconnectionStage.Postponed => reconnection,
            _ => reconnection with { By = Later(reconnection.By, least) },
        });
    }

    public static Decision OnTimeElapsed(Conference conference, Participant participant, Facts facts)
    {
        var reconnection = participant.Leg.Reconnection!;
        if (reconnection.Stage is ReconnectionStage.Proposing or ReconnectionStage.Connecting
            || reconnection.Proposals >= MaxProposals)
            return ParticipantRemoval.Remove(conference, participant, facts);

        // RFC 3261 14.1: not before the INVITE of the peer has its ACK, for which there is a deadline.
        return participant.Leg is { State: LegState.Active, Reinvite: null }
            ? ModifySession.Propose(conference, participant, facts)
            : Decision.Of(With(conference, participant, reconnection with
            {
                By = facts.Now + facts.Operator.TransactionDeadline,
            }));
    }

    /// <summary>The switch hears of the leg again: it connects if that is our part, else it keeps messages.</summary>
    public static Decision Await(Conference conference, Participant participant, Reconnection? reconnection)
    {
        var next = With(conference, participant, reconnection);
        return Decision.Of(next, Open(next, next.Participants[participant.Id]));
    }

    /// <summary>While our re-INVITE is out nobody knows where the peer will be.</summary>
    public static OpenLeg Open(Conference conference, Participant participant)
    {
        var media = participant.Leg.Reconnection?.Stage == ReconnectionStage.Proposing
            ? participant.Leg.Media with { RemotePath = [] }
            : participant.Leg.Media;
        return new(conference.Id, media, AuthenticatedOriginator.CpimIdentities(participant));
    }

    private static Conference With(Conference conference, Participant participant, Reconnection? reconnection)
    {
        var next = participant.Leg.Reconnection == reconnection
            ? participant
            : participant with { Leg = participant.Leg with { Reconnection = reconnection } };
        return ReferenceEquals(next, conference.Participants[participant.Id]) ? conference : conference.WithDialog(next);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
