using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>The dialog and the MSRP leg of a session with the message store, whoever began it; RFC 3261 12 to 15.</summary>
internal static class DeferredDialog
{
    // While our INVITE is out the push counts its time.
    public static DateTimeOffset? NextDue(DeferredSession session) =>
        session.Leg is not { State: not LegState.Inviting } leg
            ? null
            : Earliest(
                Earliest(leg.Deadline, leg.Reinvite?.AckBy),
                Earliest(leg.SessionExpiresAt, session.IsDelivering ? null : session.IdleAt));

    public static OpenLeg Open(DeferredSession session) =>
        new(session.Id, session.Leg!.Media, session.Deposit?.Identities ?? [])
        {
            EndsHere = true,
            Entity = session.Address.Text,
            Address = session.Address.Text,
        };

    /// <summary>We end the session: BYE, and no more MSRP. What comes next stands in the push, if it is one.</summary>
    public static Outcome<DeferredSession> Leave(DeferredSession session, Facts facts) => session.Leg?.State switch
    {
        null or LegState.Ending => Outcome.Of(session),
        LegState.Answering => AwaitAck(session),
        _ => SendBye(session, facts),
    };

    // IM D.2/A10: what the client ends leaves what he has not confirmed where it is.
    public static Outcome<DeferredSession> OnBye(DeferredSession? session, ByeRequest request, Facts facts)
    {
        if (session?.Leg is not { } leg || leg.Dialog != request.Dialog)
            return new(session, Refusals.NoSuchDialog(null, request).Effects);

        if (request.CSeq <= leg.RemoteCSeq)
            return new(session, Refusals.OutOfOrder(null, request).Effects);

        return Gone(session, facts)
            .Before(new CloseLeg(leg.Media.SessionId))
            .Before(new Respond(request.Transaction, SipStatus.Ok));
    }

    public static Outcome<DeferredSession> OnByeAnswered(
        DeferredSession session, ResponseArrived arrived, Facts facts) =>
        arrived.Response.Status.IsFinal
            && arrived.Key.Variant.Length == 0
            && arrived.Key.Owner == session.Name
            && session.Leg is { State: LegState.Ending } leg
            && leg.LocalCSeq == arrived.Key.CSeq
            ? Outcome.Of(Over(session))
            : Outcome.Of(session);

    /// <summary>
    /// The switch has waited for the peer to connect, again or at all, and nobody is to wait any longer; but for a caller
    /// who has said that he will connect later, RFC 4145 4.1: IdleTimeout ends that.
    /// </summary>
    public static Outcome<DeferredSession> OnLegLost(DeferredSession session, string sessionId, Facts facts) =>
        session.Leg is { State: LegState.Active or LegState.Answering } leg && leg.Media.SessionId == sessionId
        && !(session.Purpose == DeferredPurpose.Deposit && leg.Media.HoldsConnection)
            ? End(session, facts)
            : Outcome.Of(session);

    // RFC 3261 13.3.1.4
    public static Outcome<DeferredSession> OnAcknowledged(
        DeferredSession session, InviteAcknowledged acknowledged, Facts facts)
    {
        if (acknowledged.Transaction is { } transaction && session.Leg?.Reinvite?.Transaction == transaction)
            return DeferredReinvite.OnAcknowledged(session, acknowledged.Body, facts);

        if (session.Leg is not { } leg || !Is(leg, acknowledged.Transaction, acknowledged.Dialog))
            return Outcome.Of(session);

        // RFC 3261 15: it was to end before; now he may hear of it.
        if (leg is { State: LegState.Ending, Transaction: not null })
            return SendBye(session, facts);

        if (leg.State != LegState.Answering)
            return Outcome.Of(session);

        var settled = session with
        {
            Leg = leg with { State = LegState.Active, Transaction = null, Accepted = null, Deadline = null },
        };
        if (leg.Media.IsNegotiated)
            return Outcome.Of(settled);

        // Our 200 carried the offer: this is the answer, and without a good one there is no session.
        if (DeferredMedia.Accept(leg.Media, acknowledged.Body, MediaTerms.Of(session)) is not { } media)
            return End(settled, facts);

        // He may have connected before: then nothing else would begin it.
        var answered = settled with { Leg = settled.Leg with { Media = media } };
        return answered.Purpose == DeferredPurpose.Fetch
            ? Outcome.Of(
                answered with { IsDelivering = true },
                Open(answered),
                PushDeferredMessages.DeliverOver(answered, answered.Leg))
            : Outcome.Of(answered, Open(answered));
    }

    public static Outcome<DeferredSession> OnAckTimedOut(
        DeferredSession session, AckTimedOut timeout, Facts facts) =>
        session.Leg is { } leg
            && (Is(leg, timeout.Transaction, timeout.Dialog)
                || (timeout.Transaction is { } reinvite && leg.Reinvite?.Transaction == reinvite))
            && (leg.State is LegState.Active or LegState.Answering || leg.Transaction is not null)
            ? SendBye(Resting(session, facts), facts)
            : Outcome.Of(session);

    /// <summary>Upon CANCEL, or when our final response could not be sent: the peer has no dialog, so no BYE.</summary>
    public static Outcome<DeferredSession> OnEnded(DeferredSession session, string transaction, Facts facts)
    {
        if (session.Deletion?.Transaction == transaction)
            return Outcome.Of<DeferredSession>(null);

        if (session.Leg is not { } leg)
            return Outcome.Of(session);

        if (leg.Reinvite?.Transaction == transaction)
            return DeferredReinvite.OnEnded(session);

        return leg.Transaction == transaction
            ? Gone(session, facts).Before(new CloseLeg(leg.Media.SessionId))
            : Outcome.Of(session);
    }

    public static Outcome<DeferredSession> OnTimeElapsed(DeferredSession session, Facts facts)
    {
        if (session.Leg is not { State: not LegState.Inviting } leg)
            return Outcome.Of(session);

        // No ACK has come all that time, or no answer to our BYE.
        if (leg.Deadline <= facts.Now)
            return leg is { State: LegState.Ending, Transaction: null }
                ? Outcome.Of(Over(session))
                : SendBye(Resting(session, facts), facts);

        // RFC 3261 14.2; RFC 4028 10: who was to refresh has not.
        if (leg.Reinvite?.AckBy <= facts.Now || leg.SessionExpiresAt <= facts.Now)
            return End(session, facts);

        return !session.IsDelivering && session.IdleAt <= facts.Now ? OnIdle(session, facts) : Outcome.Of(session);
    }

    public static Outcome<DeferredSession> OnNodeStarted(DeferredSession session, Facts facts) =>
        session.Leg is { State: not LegState.Ending }
            ? Outcome.Of(session, Open(session))
            : Outcome.Of(session);

    /// <summary>Nobody answers what Kamailio has sent before, or tells of an ACK: a BYE goes once more.</summary>
    public static Outcome<DeferredSession> OnLinkRestarted(
        DeferredSession session, LinkRestarted restarted, Facts facts)
    {
        if (session.Deletion is { } deletion && restarted.Ends(deletion.Transaction))
            return Outcome.Of<DeferredSession>(null);

        return session.Leg switch
        {
            { State: LegState.Ending } when restarted.EndsOurs => SendBye(session, facts),
            { Reinvite: { } reinvite } leg when restarted.Ends(reinvite.Transaction) => Outcome.Of(session with { Leg = leg with { Reinvite = null } }),
            _ => Outcome.Of(session),
        };
    }

    /// <summary>RFC 3261 13.2.2.4: who answers our INVITE when nothing is left of its session is rid of it at once.</summary>
    public static Outcome<DeferredSession> OnTooLate(AggregateId id, ResponseArrived arrived)
    {
        if (arrived is not { Key.Method: "INVITE", Response.Status.IsSuccess: true }
            || LegDialog.OfFork(arrived.Response, arrived.Key.CSeq) is not { } fork)
            return Outcome.Of<DeferredSession>(null);

        var variant = Tokens.Digest(fork.RemoteTag);
        return Outcome.Of<DeferredSession>(
            null, LegDialog.Ack(arrived.Key, fork, variant), LegDialog.Bye(id, arrived.Key.Owner, fork, variant));
    }

    /// <summary>There is no dialog any more, whatever became of it; only a push may have a life after that.</summary>
    public static DeferredSession? Over(DeferredSession session) =>
        session.Push is null ? null : session with { Leg = null, IsDelivering = false, IdleAt = null };

    public static string Contact(DeferredSession session, Facts facts) =>
        $"<sip:{session.Id}@{facts.Operator.ConferenceFactory.Host}>;{FeatureTags.Im}";

    private static Outcome<DeferredSession> End(DeferredSession session, Facts facts) =>
        Leave(Resting(session, facts), facts);

    /// <summary>The peer, or the world, has ended it: what a push has not brought is tried again later.</summary>
    private static Outcome<DeferredSession> Gone(DeferredSession session, Facts facts) =>
        Outcome.Of(Over(Resting(session, facts)));

    private static DeferredSession Resting(DeferredSession session, Facts facts) =>
        session.Push is { Stage: PushStage.InSession } ? PushDeferredMessages.Rest(session, facts) : session;

    private static Outcome<DeferredSession> SendBye(DeferredSession session, Facts facts)
    {
        var leg = session.Leg!;
        var bye = LegDialog.Bye(session.Id, session.Name, leg);
        var ending = Ending(session, leg with
        {
            LocalCSeq = bye.Request.CSeq,
            Transaction = null,
            Accepted = null,
            Deadline = facts.Now + facts.Operator.TransactionDeadline,
        });
        return leg.State == LegState.Ending
            ? Outcome.Of(ending, bye)
            : Outcome.Of(ending, new CloseLeg(leg.Media.SessionId), bye);
    }

    // RFC 3261 15: no BYE before the ACK for our 2xx, or before we know that none comes.
    private static Outcome<DeferredSession> AwaitAck(DeferredSession session) =>
        Outcome.Of(Ending(session, session.Leg!), new CloseLeg(session.Leg!.Media.SessionId));

    private static DeferredSession Ending(DeferredSession session, Leg leg) => session with
    {
        IsDelivering = false,
        IdleAt = null,
        Leg = leg with { State = LegState.Ending, SessionExpiresAt = null, Reinvite = null },
    };

    // A message that is kept is no event: when the last one came is looked up when it matters.
    private static Outcome<DeferredSession> OnIdle(DeferredSession session, Facts facts) =>
        facts.Deferred?.LastMessageAt + facts.Operator.Deferred.IdleTimeout is { } idleAt && idleAt > facts.Now
            ? Outcome.Of(session with { IdleAt = idleAt })
            : End(session, facts);

    private static bool Is(Leg leg, string? transaction, DialogId dialog) =>
        (transaction is not null && leg.Transaction == transaction) || leg.Dialog == dialog;

    private static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) =>
        a is null ? b : b is null ? a : a < b ? a : b;
}
