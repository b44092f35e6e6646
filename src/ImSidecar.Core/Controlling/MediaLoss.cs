using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// A participant whose MSRP connection stays away, RFC 4975 5.4: the switch has waited for the active side in vain. A
/// re-INVITE asks for a new connection (<see cref="ModifySession.Propose"/>); who has none then is removed.
/// </summary>
internal static class MediaLoss
{
    // A peer who answers 491 for ever is busy with something else than this session.
    private const int MaxProposals = 10;

    public static Decision OnLegLost(Conference conference, string sessionId, Facts facts) =>
        conference.LegOfMedia(sessionId) is
        { IsAttending: true, Leg: { Reconnection: null, Media.HoldsConnection: false } } participant
            && facts.Operator.MediaReconnect > TimeSpan.Zero
            ? Ask(conference, participant, facts)
            : Decision.Of(conference);

    /// <summary>A leg that misses nothing is as it was: nothing is saved at an ordinary connect.</summary>
    public static Decision OnLegConnected(Conference conference, string sessionId)
    {
        if (conference.LegOfMedia(sessionId) is not { Leg.Reconnection: { IsConnected: false } missing } participant)
            return Decision.Of(conference);

        return Decision.Of(With(conference, participant, missing.Stage == ReconnectionStage.Proposing
            ? missing with { IsConnected = true }
            : null));
    }

    /// <summary>The connections ended with their node: what was last waited for has its time again.</summary>
    public static Decision OnNodeStarted(Conference conference, string id, Facts facts)
    {
        var participant = conference.Participants[id];
        var media = MediaTransport.Here(participant.Leg.Media, facts);
        if (!ReferenceEquals(media, participant.Leg.Media))
            return Move(conference, participant, media, facts);

        return participant.Leg.Reconnection is { } missing
            ? Await(conference, participant, Again(missing, facts))
            : Decision.Of(conference, LegOpening.Of(conference, participant));
    }

    // From a node that is no more, or from an address that was ours: the peer cannot know where to come. Whom our offer has
    // not reached, or who has put the connection off, hears of it with the next one.
    private static Decision Move(Conference conference, Participant participant, LegMedia media, Facts facts)
    {
        var moved = participant with { Leg = participant.Leg with { Media = media } };
        var next = conference.WithDialog(moved);
        return moved.IsAttending && !media.HoldsConnection && !IsProposing(moved)
            ? Ask(next, moved, facts)
            : Await(next, moved, moved.Leg.Reconnection is { } missing ? Again(missing, facts) : null);
    }

    /// <summary>What stood in the way of asking him to come to this node is over: an INVITE, his or ours.</summary>
    public static Decision MoveOn(Conference conference, string id, Facts facts) =>
        conference.Participants.TryGetValue(id, out var participant)
        && participant is { IsAttending: true, Leg.Media.HoldsConnection: false } && !IsProposing(participant)
        && MediaTransport.IsToldElsewhere(participant.Leg.Media)
            ? Ask(conference, participant, facts)
            : Decision.Of(conference);

    // RFC 3261 14.1: what is out has its answer first.
    private static bool IsProposing(Participant participant) =>
        participant.Leg.Reconnection?.Stage == ReconnectionStage.Proposing;

    public static Decision OnTimeElapsed(Conference conference, Participant participant, Facts facts) =>
        participant.Leg.Reconnection is { Stage: ReconnectionStage.Postponed, Proposals: < MaxProposals }
            ? Ask(conference, participant, facts)
            : ParticipantRemoval.Remove(conference, participant, facts);

    /// <summary>The switch hears of the leg again: it connects if that is our part, and waits anew.</summary>
    public static Decision Await(Conference conference, Participant participant, Reconnection? reconnection)
    {
        var next = With(conference, participant, reconnection);
        return Decision.Of(next, LegOpening.Of(next, next.Participants[participant.Id]));
    }

    // RFC 3261 14.1: not before the INVITE of the peer has its ACK, for which there is a deadline.
    private static Decision Ask(Conference conference, Participant participant, Facts facts) =>
        participant.Leg is { State: LegState.Active, Reinvite: null }
            ? ModifySession.Propose(conference, participant, facts)
            : Decision.Of(With(conference, participant, new(
                ReconnectionStage.Postponed, facts.Now + facts.Operator.TransactionDeadline)
            {
                Proposals = participant.Leg.Reconnection?.Proposals ?? 0,
            }));

    private static Reconnection? Again(Reconnection missing, Facts facts) => missing.Stage switch
    {
        ReconnectionStage.Proposing => missing with { IsConnected = false },
        _ when facts.Operator.MediaReconnect == TimeSpan.Zero => null,
        ReconnectionStage.Connecting => missing with { By = facts.Now + facts.Operator.MediaReconnect },
        _ => missing,
    };

    private static Conference With(Conference conference, Participant participant, Reconnection? reconnection)
    {
        var next = participant.Leg.Reconnection == reconnection
            ? participant
            : participant with { Leg = participant.Leg with { Reconnection = reconnection } };
        return ReferenceEquals(next, conference.Participants[participant.Id])
            ? conference
            : conference.WithDialog(next);
    }
}
