using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>The dialog and the MSRP leg of a session with the message store, whoever began it.</summary>
internal static class DeferredDialog
{
    public static DateTimeOffset? NextDue(DeferredSession session) => session.Leg?.Deadline;

    public static OpenLeg Open(DeferredSession session) => new(session.Id, session.Leg!.Media, [])
    {
        EndsHere = true,
        Entity = session.Address.Text,
        Address = session.Address.Text,
    };

    /// <summary>We end the session: BYE, and no more MSRP. What comes next stands in the push, if it is one.</summary>
    public static Outcome<DeferredSession> Leave(DeferredSession session, Facts facts)
    {
        if (session.Leg is not { State: not LegState.Ending } leg)
            return Outcome.Of(session);

        var bye = LegDialog.Bye(session.Id, session.Name, leg);
        var ending = session with
        {
            IsDelivering = false,
            IdleAt = null,
            Leg = leg with
            {
                State = LegState.Ending,
                LocalCSeq = leg.LocalCSeq + 1,
                Deadline = facts.Now + facts.Operator.TransactionDeadline,
            },
        };
        return Outcome.Of(ending, new CloseLeg(leg.Media.SessionId), bye);
    }

    // IM D.2/A10: what the client ends leaves what he has not confirmed where it is.
    public static Outcome<DeferredSession> OnBye(DeferredSession? session, ByeRequest request, Facts facts)
    {
        if (session?.Leg is not { } leg || leg.Dialog != request.Dialog)
            return new(session, Refusals.NoSuchDialog(null, request).Effects);

        return Gone(session, facts)
            .Before(new CloseLeg(leg.Media.SessionId))
            .Before(new Respond(request.Transaction, SipStatus.Ok));
    }

    public static Outcome<DeferredSession> OnByeAnswered(
        DeferredSession session, ResponseArrived arrived, Facts facts) =>
        arrived.Response.Status.IsFinal
            && arrived.Key.Variant.Length == 0
            && session.Leg is { State: LegState.Ending } leg
            && leg.LocalCSeq == arrived.Key.CSeq
            ? Outcome.Of(Over(session))
            : Outcome.Of(session);

    public static Outcome<DeferredSession> OnLegLost(DeferredSession session, string sessionId, Facts facts) =>
        session.Leg?.Media.SessionId == sessionId && session.Leg.State == LegState.Active
            ? Leave(session.Push is null ? session : PushDeferredMessages.Rest(session, facts), facts)
            : Outcome.Of(session);

    public static Outcome<DeferredSession> OnReinvite(
        DeferredSession? session, ReinviteRequest request, Facts facts) =>
        new(session, Refusals.NoSuchDialog(null, request).Effects);

    public static Outcome<DeferredSession> OnAcknowledged(
        DeferredSession session, InviteAcknowledged acknowledged, Facts facts) => Outcome.Of(session);

    public static Outcome<DeferredSession> OnAckTimedOut(
        DeferredSession session, AckTimedOut timeout, Facts facts) => Outcome.Of(session);

    public static Outcome<DeferredSession> OnEnded(
        DeferredSession session, string transaction, Facts facts) => Outcome.Of(session);

    public static Outcome<DeferredSession> OnTimeElapsed(DeferredSession session, Facts facts) =>
        session.Leg is { State: LegState.Ending, Deadline: { } deadline } && deadline <= facts.Now
            ? Outcome.Of(Over(session))
            : Outcome.Of(session);

    public static Outcome<DeferredSession> OnNodeStarted(DeferredSession session, Facts facts) =>
        session.Leg is { State: not LegState.Ending }
            ? Outcome.Of(session, Open(session))
            : Outcome.Of(session);

    /// <summary>Nobody answers what Kamailio has sent before: a BYE goes once more, with the next number.</summary>
    public static Outcome<DeferredSession> OnLinkRestarted(DeferredSession session, Facts facts)
    {
        if (session.Leg is not { State: LegState.Ending } leg)
            return Outcome.Of(session);

        var again = leg with
        {
            LocalCSeq = leg.LocalCSeq + 1,
            Deadline = facts.Now + facts.Operator.TransactionDeadline,
        };
        return Outcome.Of(session with { Leg = again }, LegDialog.Bye(session.Id, session.Name, leg));
    }

    /// <summary>There is no dialog any more, whatever became of it; only a push may have a life after that.</summary>
    public static DeferredSession? Over(DeferredSession session) =>
        session.Push is null ? null : session with { Leg = null, IsDelivering = false, IdleAt = null };

    /// <summary>The peer, or the world, has ended it: what a push has not brought is tried again later.</summary>
    private static Outcome<DeferredSession> Gone(DeferredSession session, Facts facts) =>
        Outcome.Of(session.Push is { Stage: PushStage.InSession }
            ? Over(PushDeferredMessages.Rest(session, facts))
            : Over(session));

    public static string Contact(DeferredSession session, Facts facts) =>
        $"<sip:{session.Id}@{facts.Operator.ConferenceFactory.Host}>;{FeatureTags.Im}";
}
