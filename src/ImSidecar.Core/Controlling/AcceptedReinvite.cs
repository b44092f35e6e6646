using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>What becomes of a re-INVITE we accepted: its ACK, or that our 200 was not sent; RFC 3261 14.</summary>
internal static class AcceptedReinvite
{
    public static PendingReinvite? Of(ReinviteRequest request, LegMedia before, LegMedia agreed, Facts facts) =>
        request.Method == "INVITE"
            ? new(request.Transaction, facts.Now + facts.Operator.TransactionDeadline)
            {
                AwaitsAnswer = request.Offer is null,
                Before = before == agreed ? null : before,
            }
            : null;

    public static Decision OnAcknowledged(
        Conference conference, Participant participant, ReadOnlyMemory<byte> answer, Facts facts)
    {
        var leg = participant.Leg;
        var settled = participant with { Leg = leg with { Reinvite = null } };

        // RFC 3261 13.2.1: without a good answer to our offer the session goes on as it was.
        if (!leg.Reinvite!.AwaitsAnswer
            || MediaNegotiation.Accept(leg.Media, answer, facts) is not { } media
            || SaysTheSame(media, leg.Media))
            return MediaLoss.MoveOn(conference.With(settled), settled.Id, facts);

        // His next offer is compared with none: what he said last was an answer.
        var changed = settled with { Leg = settled.Leg with { Media = media with { Offer = default } } };
        return MediaLoss.Await(conference, changed, ModifySession.Anew(leg.Reconnection, isChanged: true))
            .Then(next => MediaLoss.MoveOn(next, changed.Id, facts));
    }

    /// <summary>RFC 3261 14.1: a re-INVITE that failed after all changes nothing.</summary>
    public static Decision OnEnded(Conference conference, Participant participant)
    {
        var leg = participant.Leg;
        return leg.Reinvite!.Before is { } before
            ? MediaLoss.Await(
                conference,
                participant with { Leg = leg with { Reinvite = null, Media = Restored(before, leg.Media) } },
                leg.Reconnection)
            : Decision.Of(conference.With(participant with { Leg = leg with { Reinvite = null } }));
    }

    // What he may do is not his to negotiate: a changed group document may have said otherwise meanwhile.
    private static LegMedia Restored(LegMedia before, LegMedia now) =>
        before.MayWritePrivately == now.MayWritePrivately
            ? before
            : before with { MayWritePrivately = now.MayWritePrivately };

    public static bool SaysTheSame(LegMedia a, LegMedia b) =>
        a.Connects == b.Connects
        && a.ConnectTo == b.ConnectTo
        && a.HoldsConnection == b.HoldsConnection
        && a.Fingerprints.SequenceEqual(b.Fingerprints)
        && a.MaxSize == b.MaxSize
        && a.TakesPrivateMessages == b.TakesPrivateMessages
        && a.Direction == b.Direction
        && a.RemotePath.SequenceEqual(b.RemotePath)
        && a.AcceptTypes.SequenceEqual(b.AcceptTypes)
        && a.AcceptWrappedTypes.SequenceEqual(b.AcceptWrappedTypes);
}
