using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Participating;

/// <summary>App. D.2 Pushing Deferred Messages: what was kept comes to a user who has registered, over MSRP.</summary>
internal static class PushDeferredMessages
{
    // He is registered and does not answer: out of reach, most of the time, and nobody tells when he is back.
    private static readonly TimeSpan _longPause = TimeSpan.FromMinutes(30);

    /// <summary>The push of that user; there is one at a time.</summary>
    public static AggregateId IdFor(AggregateId servedUser) =>
        AggregateId.Of(AggregateKind.DeferredSession, servedUser.Value[(servedUser.Value.IndexOf('-') + 1)..]);

    // IM D.2/A1, IM D.2/intro-2
    public static Outcome<DeferredSession> OnRegistered(
        DeferredSession? current, AggregateId id, PushWanted wanted, Facts facts)
    {
        if (current is { Purpose: not DeferredPurpose.Push })
            return Outcome.Of(current);

        if (current is { Push: { } under } && (current.Leg is not null || under.Stage != PushStage.Resting))
            return Outcome.Of(current with { Push = under with { IsWantedAgain = true } });

        var push = new PushProgress { Stage = PushStage.Resting, RetryAt = facts.Now };
        if (current is not null)
        {
            // A session that is just ending ends first; what goes out after it has numbers of its own.
            var again = current with { Push = push with { Requests = RequestsOf(current) } };
            return current.Leg is null ? Begin(again, facts) : Outcome.Of(again);
        }

        return Begin(
            new()
            {
                Id = id,
                Name = "d" + facts.Derive("push-name")[..8],
                Purpose = DeferredPurpose.Push,
                User = ServedAddress.KeyOf(wanted.User),
                Address = wanted.User.Bare,
                Push = push,
            },
            facts);
    }

    public static DateTimeOffset? NextDue(DeferredSession session) => session.Push switch
    {
        { Stage: PushStage.Resting } push when session.Leg is null => push.RetryAt,
        { AnswerBy: { } answerBy } => answerBy,
        _ => null,
    };

    public static Outcome<DeferredSession> OnResponse(DeferredSession session, ResponseArrived arrived, Facts facts)
    {
        if (arrived.Key.Owner != session.Name)
            return Outcome.Of(session);

        if (arrived.Key.Method == "INVITE")
            return PushInvite.OnResponse(session, arrived, facts);

        return arrived.Key.Method == "MESSAGE"
            && arrived.Response.Status.IsFinal
            && arrived.Key.CSeq == session.Push?.Requests
            ? PageModePush.OnAnswered(session, arrived.Response.Status, facts)
            : Outcome.Of(session);
    }

    // IM D.2/A8-a: from the first one that he has not confirmed; once more after a connection that was lost.
    public static Outcome<DeferredSession> OnLegOpen(DeferredSession session, string sessionId, Facts facts) =>
        session is { Purpose: not DeferredPurpose.Deposit, Leg: { State: not LegState.Ending } leg }
            && leg.Media.SessionId == sessionId
            && leg.Media.IsNegotiated
            ? Outcome.Of(session with { IsDelivering = true }, DeliverOver(session, leg))
            : Outcome.Of(session);

    public static Outcome<DeferredSession> OnDeliveryEnded(DeferredSession session, DeliveryEnded ended, Facts facts)
    {
        if (session.Leg is not { State: not LegState.Ending } leg || leg.Media.SessionId != ended.SessionId)
            return Outcome.Of(session);

        if (ended.Outcome == DeliveryOutcome.Drained && session.Push is { IsWantedAgain: true } push)
            return Outcome.Of(
                session with { Push = push with { IsWantedAgain = false } }, DeliverOver(session, leg));

        // IM D.2/A10: nobody needs the channel any more.
        var stopped = session.Push is null
            ? session
            : ended.Outcome switch
            {
                DeliveryOutcome.Drained => session with { Push = null },
                DeliveryOutcome.Unsuited => InPageMode(session, facts),
                _ => Rest(session, facts, ended.Outcome == DeliveryOutcome.StoreUnavailable),
            };
        return DeferredDialog.Leave(stopped, facts);
    }

    public static Outcome<DeferredSession> OnRemoved(DeferredSession session, DeferredRemoved removed, Facts facts) =>
        session.Push is { Stage: PushStage.Removing, Number: { } number } && removed.Numbers.Contains(number)
            ? PageModePush.Next(session with { Push = session.Push with { Failures = 0 } }, facts)
            : Outcome.Of(session);

    public static Outcome<DeferredSession> OnTimeElapsed(DeferredSession session, Facts facts)
    {
        if (session.Push is not { } push || NextDue(session) is not { } due || due > facts.Now)
            return Outcome.Of(session);

        return push.Stage switch
        {
            PushStage.Resting => Begin(session, facts),
            PushStage.Inviting => PushInvite.OnTimeout(session, facts),
            PushStage.Removing => PageModePush.Remove(session, facts),
            _ => Settle(Rest(session, facts)),
        };
    }

    /// <summary>What is in flight goes again under its key; the messages go on with the connection.</summary>
    public static Outcome<DeferredSession> OnNodeStarted(DeferredSession session, Facts facts)
    {
        var resumed = session.IsDelivering ? session with { IsDelivering = false } : session;
        if (resumed.Push is not { } push)
            return Outcome.Of(resumed);

        if (push.Stage == PushStage.Removing)
            return PageModePush.Remove(resumed, facts);

        var patience = facts.Now + facts.Operator.TransactionDeadline;
        return Outcome.Of(push.AnswerBy < patience
            ? resumed with { Push = push with { AnswerBy = patience } }
            : resumed);
    }

    /// <summary>A request that was out is lost: whether it arrived nobody knows, and its message is still there.</summary>
    public static Outcome<DeferredSession> OnLinkRestarted(DeferredSession session, Facts facts)
    {
        if (session.Push is not { Stage: PushStage.Inviting or PushStage.Paging or PushStage.Notifying })
            return Outcome.Of(session);

        var rested = Settle(Rest(session, facts) with { Leg = null });
        return session.Leg is { } leg ? rested.Before(new CloseLeg(leg.Media.SessionId)) : rested;
    }

    /// <summary>
    /// Tried again after a while, longer each time; not for ever, for he will register again. What is our own fault is
    /// tried for as long as it takes: he has done his part.
    /// </summary>
    public static DeferredSession Rest(DeferredSession session, Facts facts, bool isOurFault = false)
    {
        if (session.Push is not { } push)
            return session;

        var most = facts.Operator.Deferred.PushAttempts;
        var failures = isOurFault ? Math.Min(push.Failures + 1, most - 1) : push.Failures + 1;
        var pause = push.IsWantedAgain ? TimeSpan.Zero
            : failures >= most ? _longPause
            : facts.Operator.Deferred.PushRetryInterval * (1 << Math.Clamp(failures - 1, 0, 10));
        return session with
        {
            Push = push with
            {
                Stage = PushStage.Resting,
                Failures = push.IsWantedAgain ? 0 : failures,
                IsWantedAgain = false,
                AnswerBy = null,
                Number = null,
                RetryAt = facts.Now + pause,
            },
        };
    }

    /// <summary>Gone when there is neither a dialog nor anything to be tried again.</summary>
    public static Outcome<DeferredSession> Settle(DeferredSession session) =>
        Outcome.Of(session is { Leg: null, Push: null } ? null : session);

    /// <summary>The client takes no MSRP, or not in the forms that we have: each message goes as a MESSAGE.</summary>
    public static DeferredSession InPageMode(DeferredSession session, Facts facts) => session with
    {
        Push = session.Push! with
        {
            IsPageMode = true,
            Stage = PushStage.Resting,
            AnswerBy = null,
            RetryAt = facts.Now,
        },
    };

    // A push that is done is forgotten while its BYE is still out: its dialog has counted as far.
    private static int RequestsOf(DeferredSession session) =>
        (int)Math.Max(session.Push?.Requests ?? 0, session.Leg?.LocalCSeq ?? 0);

    private static Outcome<DeferredSession> Begin(DeferredSession session, Facts facts)
    {
        if (facts.Deferred is not { IsUnavailable: false } known)
            return Settle(Rest(session, facts, isOurFault: true));

        if (!known.IsReachable || known.Waiting.Messages == 0 || known.Delivery == DeferredDelivery.Off)
            return Outcome.Of<DeferredSession>(null);

        if (known.Delivery == DeferredDelivery.Notify)
            return PageModePush.Notify(session, known.Waiting, facts);

        return session.Push!.IsPageMode ? PageModePush.Next(session, facts) : PushInvite.Send(session, facts);
    }

    /// <summary>Where his requests go: to all his devices, or to the one that has registered last.</summary>
    public static SipUri TargetOf(DeferredSession session, Facts facts) =>
        facts.Operator.Deferred.PushTo == PushTo.Newest && SipUri.TryParse(facts.Deferred?.Contact, out var contact)
            ? contact
            : session.Address;

    public static Deliver DeliverOver(DeferredSession session, Leg leg) => new(session.User, leg.Media, session.Only);
}
