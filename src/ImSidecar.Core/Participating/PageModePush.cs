using System.Globalization;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Participating;

/// <summary>
/// IM 11: what was kept comes as MESSAGEs to a client without MSRP, one after the other; and the MESSAGE that only says
/// how many wait.
/// </summary>
internal static class PageModePush
{
    /// <summary>The first message that is kept; none: the push is over.</summary>
    public static Outcome<DeferredSession> Next(DeferredSession session, Facts facts)
    {
        if (facts.Deferred is not { IsUnavailable: false } known)
            return PushDeferredMessages.Settle(PushDeferredMessages.Rest(session, facts, isOurFault: true));

        if (known.Next is not { } message)
            return PushDeferredMessages.Settle(session with { Push = null });

        // What cannot go as a MESSAGE waits for another client, and with it what came after it.
        if (PageRequest.Of(session, message, facts) is { } request)
            return Send(session, request, PushStage.Paging, message.Number, facts);

        // That one may have come meanwhile.
        return PushDeferredMessages.Settle(session with
        {
            Push = session.Push is { IsWantedAgain: true } push
                ? push with
                {
                    Stage = PushStage.Resting,
                    IsPageMode = false,
                    IsWantedAgain = false,
                    AnswerBy = null,
                    Number = null,
                    RetryAt = facts.Now,
                }
                : null,
        });
    }

    /// <summary>How many messages wait, and where they are.</summary>
    public static Outcome<DeferredSession> Notify(DeferredSession session, DeferredCount waiting, Facts facts)
    {
        var uri = facts.Operator.Deferred.Uri!;
        var what = waiting.Messages == 1 ? "1 message waits" : $"{waiting.Messages} messages wait";
        var request = new OutgoingRequest
        {
            Method = "MESSAGE",
            Uri = session.Address,
            From = $"<{uri}>",
            FromTag = facts.Derive("notice-tag"),
            To = $"<{session.Address}>",
            CallId = facts.Derive("notice-call"),
            CSeq = session.Push!.Requests + 1,
            IsAboveRules = true,
            Headers = SipHeaders.Of(
                ("Accept-Contact", $"*;{FeatureTags.Im};require;explicit"),
                ("P-Asserted-Identity", $"<{uri}>"),
                ("Content-Type", "text/plain")),
            Body = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what} for you: {uri}")),
        };
        return Send(session, request, PushStage.Notifying, null, facts);
    }

    public static Outcome<DeferredSession> OnAnswered(DeferredSession session, SipStatus status, Facts facts)
    {
        var push = session.Push!;
        if (push.Stage == PushStage.Notifying)
            return PushDeferredMessages.Settle(status.IsSuccess
                ? session with { Push = null }
                : PushDeferredMessages.Rest(session, facts));

        if (push is not { Stage: PushStage.Paging, Number: not null })
            return Outcome.Of(session);

        return status.IsSuccess
            ? Remove(session, facts)
            : PushDeferredMessages.Settle(PushDeferredMessages.Rest(session, facts));
    }

    /// <summary>He has it. The next one does not leave before the store has forgotten this one.</summary>
    public static Outcome<DeferredSession> Remove(DeferredSession session, Facts facts) => Outcome.Of(
        session with
        {
            Push = session.Push! with
            {
                Stage = PushStage.Removing,
                AnswerBy = facts.Now + facts.Operator.TransactionDeadline,
            },
        },
        new RemoveDeferred(session.User, [session.Push!.Number!.Value], DeferredEnd.Delivered));

    private static Outcome<DeferredSession> Send(
        DeferredSession session, OutgoingRequest request, PushStage stage, long? number, Facts facts)
    {
        var requests = session.Push!.Requests + 1;
        var sent = session with
        {
            Push = session.Push with
            {
                Stage = stage,
                Requests = requests,
                Number = number,
                RetryAt = null,
                IsWantedAgain = stage == PushStage.Paging && session.Push.IsWantedAgain,
                AnswerBy = facts.Now + facts.Operator.NoAnswer + facts.Operator.TransactionDeadline,
            },
        };
        return Outcome.Of(sent, new SendRequest(new(session.Id, session.Name, "MESSAGE", requests), request));
    }
}
