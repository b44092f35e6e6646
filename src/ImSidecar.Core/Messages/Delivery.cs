using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Messages;

/// <summary>
/// What becomes of each recipient: sent, sent again a few times when nobody answers or the other side is busy, settled.
/// </summary>
internal static class Delivery
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromHours(1);

    public static Outcome<PageMessage> Send(PageMessage message, Recipient recipient, Facts facts)
    {
        var sent = recipient with
        {
            Attempts = recipient.Attempts + 1,
            RetryAt = null,
            AnswerBy = facts.Now + facts.Operator.NoAnswer + facts.Operator.TransactionDeadline,
        };
        return Outcome.Of(message.With(sent), new SendMessage(new(message.Id, sent.Id, "MESSAGE", sent.Attempts)));
    }

    public static Outcome<PageMessage> OnResponse(PageMessage message, ResponseArrived arrived, Facts facts)
    {
        var status = arrived.Response.Status;
        if (!message.Recipients.TryGetValue(arrived.Key.Owner, out var recipient))
            return ReportDelivery.OnResponse(message, arrived, facts);

        if (!status.IsFinal
            || recipient.IsSettled
            || (arrived.Key.CSeq != recipient.Attempts && !status.IsSuccess))
            return Outcome.Of(message);

        return Settled(message, recipient, arrived.Response, facts);
    }

    public static Outcome<PageMessage> OnTimeElapsed(PageMessage message, Facts facts)
    {
        if (message.ReportAt <= facts.Now)
            return Reporting.Report(message, facts).Then(next => Outcome.Of(next.ForgetAt <= facts.Now
                ? next with { ForgetAt = facts.Now + facts.Operator.ForgetAfter }
                : next));

        if (ReportDelivery.NextDue(message) <= facts.Now)
            return ReportDelivery.OnTimeElapsed(message, facts);

        if (message.ForgetAt <= facts.Now && message.Underway.IsEmpty)
            return Outcome.Of<PageMessage>(null);

        var outcome = Outcome.Of(message);
        foreach (var recipient in message.Recipients.Values)
        {
            // No answer, not even the local one: as 408.
            if (recipient.AnswerBy <= facts.Now)
                outcome = outcome.Then(next => Settled(next, next.Recipients[recipient.Id], null, facts));
            else if (recipient.RetryAt <= facts.Now)
                outcome = outcome.Then(next => SendAgain(next, next.Recipients[recipient.Id], facts));
        }

        return outcome;
    }

    /// <summary>
    /// What is in flight is performed again, under its key: the answer has the whole time. A Kamailio that has
    /// restarted does not know the key and sends it once more.
    /// </summary>
    public static PageMessage WithMoreTime(PageMessage message, bool isSentAgain, Facts facts)
    {
        var least = facts.Now + facts.Operator.NoAnswer + facts.Operator.TransactionDeadline;
        foreach (var recipient in message.Recipients.Values)
        {
            if (recipient.AnswerBy < least || (isSentAgain && recipient.AnswerBy is not null))
                message = message.With(recipient with
                {
                    AnswerBy = least,
                    MayHaveIt = recipient.MayHaveIt || isSentAgain,
                });
        }

        return ReportDelivery.WithMoreTime(message, facts);
    }

    public static DateTimeOffset? NextDue(PageMessage message)
    {
        var next = Earlier(message.ReportAt, ReportDelivery.NextDue(message));
        if (message.ForgetAt is { } end)
            return next is not null && (next < end || !message.Underway.IsEmpty) ? next : end;

        foreach (var recipient in message.Recipients.Values)
            next = Earlier(next, recipient.AnswerBy ?? recipient.RetryAt);

        return next;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one <= other || other is null ? one : other;

    private static Outcome<PageMessage> SendAgain(PageMessage message, Recipient recipient, Facts facts) =>
        message.ExpiresAt <= facts.Now
            ? Fail(message, recipient with { RetryAt = null }, facts)
            : Send(message, recipient, facts);

    private static Outcome<PageMessage> Settled(
        PageMessage message, Recipient recipient, SipResponse? response, Facts facts)
    {
        var code = response?.Status.Code ?? SipStatus.RequestTimeout.Code;

        // RFC 3261 8.2.2.2: he has it from the time before.
        if (code == SipStatus.LoopDetected.Code && recipient.MayHaveIt)
            code = SipStatus.Accepted.Code;

        var answered = recipient with { AnswerBy = null, Code = code };
        if (answered.HasIt)
            return Ended(message.With(answered), facts);

        return answered.Attempts < facts.Operator.MessageAttempts && PauseAfter(code, response, facts) is { } pause
            ? Outcome.Of(message.With(answered with { RetryAt = facts.Now + pause }))
            : Fail(message, answered, facts);
    }

    private static Outcome<PageMessage> Fail(PageMessage message, Recipient failed, Facts facts) =>
        Reporting.AddFailure(message.With(failed), failed, facts).Then(next => Ended(next, facts));

    // Nobody is waited for any more: only copies of the sender's request are, and what comes to us of notifications.
    private static Outcome<PageMessage> Ended(PageMessage message, Facts facts)
    {
        if (message.Unsettled > 0)
            return Outcome.Of(message);

        var isComplete = message.Asked is not { IsRoutedByUs: true } || Reporting.IsComplete(message);
        var ended = message with
        {
            Content = PageContent.Empty,
            ForgetAt = facts.Now + (isComplete ? facts.Operator.ForgetAfter : facts.Operator.ImdnLifetime),
        };
        return isComplete && ended.ReportAt is not null ? Reporting.Report(ended, facts) : Outcome.Of(ended);
    }

    /// <summary>When to try again; null: another time would end no other way.</summary>
    public static TimeSpan? PauseAfter(int code, SipResponse? response, Facts facts)
    {
        if (code == SipStatus.RequestTimeout.Code && response is null or { IsLocal: true })
            return facts.Operator.MessageRetryInterval;

        var asked = DeltaSeconds.Read(response?.Headers.First("Retry-After"));
        if (asked > _longestPause)
            asked = _longestPause;

        // Whom nobody could ask for a while, as whose rules could not be read, is said to be there later.
        return code == SipStatus.ServiceUnavailable.Code ? asked ?? facts.Operator.MessageRetryInterval
            : code == SipStatus.TemporarilyUnavailable.Code ? asked
            : null;
    }
}
