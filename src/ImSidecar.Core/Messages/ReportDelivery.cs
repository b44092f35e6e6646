using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Messages;

/// <summary>
/// What becomes of a report to the sender: a notification that we have accepted is sent again as a message would be.
/// </summary>
internal static class ReportDelivery
{
    public static Outcome<PageMessage> Send(PageMessage message, OutgoingRequest request, Facts facts)
    {
        var sent = new UnderwayReport($"n{message.Reports}", request) { AnswerBy = Patience(facts) };
        return Outcome.Of(message with { Underway = message.Underway.Add(sent) }, Effect(message, sent));
    }

    public static Outcome<PageMessage> OnResponse(PageMessage message, ResponseArrived arrived, Facts facts)
    {
        var report = message.Underway.FirstOrDefault(each =>
            each.Id == arrived.Key.Owner && each.Request.CSeq == arrived.Key.CSeq);
        return report?.AnswerBy is null || !arrived.Response.Status.IsFinal
            ? Outcome.Of(message)
            : Outcome.Of(Settle(message, report, arrived.Response, facts));
    }

    public static Outcome<PageMessage> OnTimeElapsed(PageMessage message, Facts facts)
    {
        var outcome = Outcome.Of(message);
        foreach (var report in message.Underway)
        {
            // No answer, not even the local one: as 408.
            if (report.AnswerBy <= facts.Now)
                outcome = outcome.Then(next => Outcome.Of(Settle(next, report, null, facts)));
            else if (report.RetryAt <= facts.Now)
                outcome = outcome.Then(next => SendAgain(next, report, facts));
        }

        return outcome;
    }

    /// <summary>What is in flight is performed again, under its key: the answer has the whole time.</summary>
    public static PageMessage WithMoreTime(PageMessage message, Facts facts) =>
        message.Underway.IsEmpty
            ? message
            : message with
            {
                Underway =
                [
                    .. message.Underway.Select(each =>
                        each.AnswerBy < Patience(facts) ? each with { AnswerBy = Patience(facts) } : each),
                ],
            };

    public static DateTimeOffset? NextDue(PageMessage message) =>
        message.Underway.IsEmpty ? null : message.Underway.Min(each => each.AnswerBy ?? each.RetryAt);

    private static Outcome<PageMessage> SendAgain(PageMessage message, UnderwayReport report, Facts facts)
    {
        var again = report with
        {
            Request = report.Request with { CSeq = report.Request.CSeq + 1 },
            RetryAt = null,
            AnswerBy = Patience(facts),
        };
        return Outcome.Of(
            message with { Underway = message.Underway.Replace(report, again) }, Effect(message, again));
    }

    private static PageMessage Settle(
        PageMessage message, UnderwayReport report, SipResponse? response, Facts facts)
    {
        var code = response?.Status.Code ?? SipStatus.RequestTimeout.Code;
        var pause = report.Request.CSeq < facts.Operator.MessageAttempts
            ? Delivery.PauseAfter(code, response, facts)
            : null;
        return message with
        {
            Underway = pause is { } time
                ? message.Underway.Replace(report, report with { AnswerBy = null, RetryAt = facts.Now + time })
                : message.Underway.Remove(report),
        };
    }

    private static SendRequest Effect(PageMessage message, UnderwayReport report) =>
        new(new(message.Id, report.Id, "MESSAGE", report.Request.CSeq), report.Request);

    private static DateTimeOffset Patience(Facts facts) =>
        facts.Now + facts.Operator.NoAnswer + facts.Operator.TransactionDeadline;
}
