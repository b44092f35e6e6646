using System.Globalization;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Mime;

/// <summary>
/// Unpacks a deferred message that was pushed, App. D.2: message/sip, message/sipfrag, message/msrp, both in
/// multipart/mixed, message/cpim. What the appendix prints, with its slips, is read too.
/// </summary>
public static class DeferredReader
{
    private const string Fragment = "message/sipfrag";
    private const string Cpim = "message/cpim";

    public static bool TryRead(string contentType, ReadOnlyMemory<byte> body, out DeferredItem item)
    {
        item = null!;
        return MediaType.TryParse(contentType, out var type)
            && (TryRead(type, body, out item) || CanBeLoose(type) && TryReadLoosely(type, body, out item));
    }

    private static bool TryRead(MediaType type, ReadOnlyMemory<byte> body, out DeferredItem item)
    {
        item = null!;
        switch (type.Essence)
        {
            case Cpim:
                return TryReadCpim(body, out item);
            case MessageSip.MediaType or Fragment:
                return MessageSip.TryParse(body, out var sip) && TryTake(sip, out item);
            case MessageMsrp.MediaType:
                return MessageMsrp.TryParse(body, out var msrp) && TryTake(invite: null, msrp, out item);
            default:
                return type.IsMultipart && MultipartReader.TryRead(type, body, out var parts)
                    && TryTake(parts, out item);
        }
    }

    private static bool CanBeLoose(MediaType type) =>
        type.IsMultipart || type.Is(MessageSip.MediaType) || type.Is(Fragment) || type.Is(MessageMsrp.MediaType);

    private static bool TryReadLoosely(MediaType type, ReadOnlyMemory<byte> body, out DeferredItem item)
    {
        item = null!;
        MessageSip? sip = null;
        MessageMsrp? msrp = null;
        foreach (var block in LooseBlocks.In(body.Span, type.Parameter("boundary")))
        {
            if (MessageMsrp.TryParse(block, out var send))
                msrp ??= send with { Body = WithoutBlankLines(send.Body) };
            else if (MessageSip.TryParse(block, out var message)
                && (message.IsRequest("INVITE") || message.IsRequest("MESSAGE")))
                sip ??= message with { Body = WithoutBlankLines(message.Body) };
        }

        return msrp is not null
            ? TryTake(sip is not null && sip.IsRequest("INVITE") ? sip : null, msrp, out item)
            : sip is not null && TryTake(sip, out item);
    }

    // App. D.2 B prints them in the order of time, but a reader does not depend on it.
    private static bool TryTake(IEnumerable<MimePart> parts, out DeferredItem item)
    {
        item = null!;
        MessageSip? invite = null;
        MessageMsrp? send = null;
        foreach (var part in parts)
        {
            var essence = part.ContentType?.Essence;
            if (essence == MessageMsrp.MediaType && MessageMsrp.TryParse(part.Body, out var msrp))
                send ??= msrp;
            else if (essence is MessageSip.MediaType or Fragment && MessageSip.TryParse(part.Body, out var sip)
                && sip.IsRequest("INVITE"))
                invite ??= sip;
        }

        return send is not null && TryTake(invite, send, out item);
    }

    private static bool TryTake(MessageSip message, out DeferredItem item)
    {
        item = null!;
        if (!message.IsRequest("MESSAGE"))
            return false;

        item = Addressed(message, new()
        {
            Kind = DeferredKind.PageMode,
            ReceivedAt = ReceivedAt(message.Headers),
            ContentType = message.Headers.First("Content-Type") ?? "text/plain",
            Content = OfLength(message),
        });
        return true;
    }

    private static bool TryTake(MessageSip? invite, MessageMsrp send, out DeferredItem item)
    {
        item = Addressed(invite, new()
        {
            Kind = DeferredKind.Session,
            MessageId = send.Headers.First("Message-ID"),
            ReceivedAt = ReceivedAt(send.Headers) ?? (invite is null ? null : ReceivedAt(invite.Headers)),
            ContentType = send.Headers.First("Content-Type") ?? "text/plain",
            Content = send.Body,
        });
        return true;
    }

    private static bool TryReadCpim(ReadOnlyMemory<byte> body, out DeferredItem item)
    {
        item = null!;
        if (CpimReader.Read(body.Span, out var head) != CpimResult.Read)
            return false;

        item = new()
        {
            Kind = DeferredKind.Cpim,
            From = head.From.Uri,
            FromName = head.From.Name.Length == 0 ? null : head.From.Name,
            To = head.To[0].Uri,
            MessageId = ImdnFields.Read(head).MessageId,
            ReceivedAt = DateTimeOffset.TryParse(
                head.Find("DateTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time : null,
            ContentType = head.ContentType,
            Content = body[head.Length..],
        };
        return true;
    }

    private static DeferredItem Addressed(MessageSip? request, DeferredItem item)
    {
        var from = Address(request?.Headers.First("From"));
        return item with
        {
            From = from?.Uri.ToString() ?? "",
            FromName = from?.DisplayName,
            To = Address(request?.Headers.First("To"))?.Uri.ToString() ?? "",
            CallId = request?.Headers.First("Call-ID"),
        };
    }

    private static NameAddress? Address(string? value) =>
        NameAddress.TryParse(value, out var address)
        || value is not null && NameAddress.TryParse(LenientUri.RepairAddress(value), out address)
            ? address : null;

    private static DateTimeOffset? ReceivedAt(SipHeaders headers) =>
        SipDate.TryParse(headers.First(DeferredItem.ReceivedField) ?? headers.First("Date"), out var time)
            ? time : null;

    // What lies behind that is of the frame around it.
    private static ReadOnlyMemory<byte> OfLength(MessageSip message) =>
        int.TryParse(
            message.Headers.First("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
        && length <= message.Body.Length
            ? message.Body[..length] : message.Body;

    private static ReadOnlyMemory<byte> WithoutBlankLines(ReadOnlyMemory<byte> body) =>
        body[(body.Length - body.Span.TrimStart("\r\n"u8).Length)..];
}
