using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>The one door to the rules of sessions with the message store, App. D.2 and IM 11.</summary>
public static class DeferredSessionMachine
{
    public static Outcome<DeferredSession> Apply(
        DeferredSession? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = Dispatch(current, id, happened, facts);
        return outcome.Next is not { } changed || ReferenceEquals(changed, current)
            ? outcome
            : outcome with { Next = changed with { Revision = (current?.Revision ?? 0) + 1 } };
    }

    /// <summary>When the session wants a <see cref="TimeElapsed"/>; null: never.</summary>
    public static DateTimeOffset? NextDue(DeferredSession current) =>
        (PushDeferredMessages.NextDue(current), DeferredDialog.NextDue(current)) switch
        {
            ({ } push, { } dialog) => push < dialog ? push : dialog,
            var (push, dialog) => push ?? dialog ?? current.Deletion?.AnswerBy,
        };

    private static Outcome<DeferredSession> Dispatch(
        DeferredSession? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        if (happened is RequestArrived arrived)
            return OnRequest(current, id, arrived.Request, facts);

        if (happened is PushWanted wanted)
            return PushDeferredMessages.OnRegistered(current, id, wanted, facts);

        if (current is null)
            return happened is ResponseArrived late ? DeferredDialog.OnTooLate(id, late) : Outcome.Of<DeferredSession>(null);

        if (current.Deletion is { } deletion && happened is DeferredRemoved or TimeElapsed or NodeStarted)
            return DeleteMessages.OnEvent(current, deletion, happened, facts);

        return happened switch
        {
            ResponseArrived { Key.Method: "BYE" } arrivedTo => DeferredDialog.OnByeAnswered(current, arrivedTo, facts),
            ResponseArrived arrivedTo => PushDeferredMessages.OnResponse(current, arrivedTo, facts),
            LegConnected connected => PushDeferredMessages.OnLegOpen(current, connected.SessionId, facts),
            LegLost lost => DeferredDialog.OnLegLost(current, lost.SessionId, facts),
            DeliveryEnded ended => PushDeferredMessages.OnDeliveryEnded(current, ended, facts),
            DeferredRemoved removed => PushDeferredMessages.OnRemoved(current, removed, facts),
            InviteAcknowledged acknowledged => DeferredDialog.OnAcknowledged(current, acknowledged, facts),
            AckTimedOut timeout => DeferredDialog.OnAckTimedOut(current, timeout, facts),
            InviteCancelled cancelled => DeferredDialog.OnEnded(current, cancelled.Transaction, facts),
            RequestTransactionEnded ended => DeferredDialog.OnEnded(current, ended.Transaction, facts),
            TimeElapsed => DeferredDialog.OnTimeElapsed(current, facts)
                .Then(next => PushDeferredMessages.OnTimeElapsed(next, facts)),
            // Its peer would come to an address where nobody is any more.
            NodeStarted when current.Leg is { Media: var media }
                && !ReferenceEquals(MediaTransport.Here(media, facts), media) =>
                    DeferredDialog.OnLegLost(current, media.SessionId, facts)
                        .Then(next => PushDeferredMessages.OnNodeStarted(next, facts)),
            NodeStarted => DeferredDialog.OnNodeStarted(current, facts)
                .Then(next => PushDeferredMessages.OnNodeStarted(next, facts)),
            LinkRestarted restarted => DeferredDialog.OnLinkRestarted(current, restarted, facts)
                .Then(next => restarted.EndsOurs ? PushDeferredMessages.OnLinkRestarted(next, facts) : Outcome.Of(next)),
            _ => Outcome.Of(current),
        };
    }

    private static Outcome<DeferredSession> OnRequest(
        DeferredSession? current, AggregateId id, ImRequest request, Facts facts) => request switch
        {
            DepositRequest deposit => AnswerForUser.OnInvite(current, id, deposit, facts),
            InviteRequest invite => FetchMessages.OnInvite(current, id, invite, facts),
            ReferRequest { IsInitial: true } refer => DeleteMessages.OnRefer(current, id, refer, facts),
            ReinviteRequest reinvite => DeferredReinvite.OnReinvite(current, reinvite, facts),
            ByeRequest bye => DeferredDialog.OnBye(current, bye, facts),
            OptionsRequest options => new(current, Capabilities.OnOptions(null, options).Effects),
            UnsupportedRequest or NotifyRequest or ReferRequest or SubscribeRequest or PassingRequest
                or RegisterRequest or MessageRequest =>
                new(current, Capabilities.OnUnsupported(null, request).Effects),
            _ => throw new UnreachableException(request.GetType().Name),
        };
}
