using System.Buffers;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Messages;

/// <summary>
/// Tells a sender what became of a message that was kept for somebody, for whom we speak; RFC 5438 7.2.1. It is sent as
/// every other report is: a few times, and across a restart.
/// </summary>
internal static class TellOfKept
{
    private const string Report = "notice";

    public static Outcome<PageMessage> OnWanted(
        PageMessage? current, AggregateId id, DeferredNotice notice, Facts facts)
    {
        var forget = new ForgetNotice(notice.Number);
        if (current is not null)
            return Outcome.Of(current, forget);

        var us = facts.Operator.Deferred.Uri ?? facts.Operator.ConferenceFactory;
        var message = new PageMessage
        {
            Id = id,
            Address = us,
            From = $"<{us}>",
            Identity = us,
            Sender = notice.Sender,
            Reports = 1,
            CallId = facts.Derive("call"),
            FromTag = facts.Derive("tag"),
            ForgetAt = facts.Now + facts.Operator.ForgetAfter,
        };
        var outcome = ReportDelivery.Send(message, Request(message, notice, facts), facts);
        return outcome with { Effects = outcome.Effects.Add(forget) };
    }

    private static OutgoingRequest Request(PageMessage message, DeferredNotice notice, Facts facts)
    {
        var target = notice.Asked.Route is { } route && SipUri.TryParse(route, out var hop) ? hop : notice.Sender;
        return new()
        {
            Method = "MESSAGE",
            Uri = target,
            From = $"<{notice.Recipient}>",
            FromTag = message.FromTag,
            To = $"<{notice.Sender}>",
            CallId = message.CallId,
            CSeq = 1,
            Headers = SipHeaders.Of(
                ("Accept-Contact", $"*;{FeatureTags.Im};require;explicit"),
                ("P-Asserted-Identity", $"<{notice.Recipient}>"),
                ("Content-Type", CpimContent.MediaType)),
            Body = Body(notice, facts),
        };
    }

    private static ReadOnlyMemory<byte> Body(DeferredNotice notice, Facts facts)
    {
        var output = new ArrayBufferWriter<byte>();
        new CpimMessage
        {
            From = new(notice.Recipient.Text),
            To = [new(notice.Sender.Text)],
            DateTime = facts.Now,
            Fields =
            [
                ("NS", $"{ImdnFields.UsualPrefix} <{ImdnFields.Namespace}>"),
                ($"{ImdnFields.UsualPrefix}.{ImdnFields.MessageIdName}", facts.Derive(Report)),
            ],
            ContentType = Notification.MediaType,
            ContentDisposition = "notification",
            Content = NotificationXml.Write(
                new(
                    notice.Asked.MessageId,
                    NotificationKind.Delivery,
                    notice.End == DeferredEnd.Delivered ? "delivered" : "failed")
                {
                    DateTime = notice.Asked.DateTime.Length == 0 ? null : notice.Asked.DateTime,
                    RecipientUri = notice.Recipient.Text,
                }),
        }.WriteTo(output);
        return output.WrittenMemory;
    }
}
