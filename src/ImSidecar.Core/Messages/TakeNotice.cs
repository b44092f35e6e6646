using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Messages;

/// <summary>A recipient's notification, which came to us for we stand in the route of them; RFC 5438 8.3.</summary>
internal static class TakeNotice
{
    private const int MaxBytes = 16 * 1024;

    public static Outcome<PageMessage> OnMessage(PageMessage? current, MessageRequest request, Facts facts)
    {
        if (!request.IsInitial)
            return new(current, Refusals.NoSuchDialog(null, request).Effects);

        if (current is not { Asked: { IsRoutedByUs: true } asked })
            return Refuse(current, request, SipStatus.NotFound, "Message does not exist");

        if (request.Originator is null)
            return Refuse(current, request, SipStatus.Forbidden, "Originator not authenticated");

        if (RecipientOf(current, request) is not { } recipient)
            return Refuse(current, request, SipStatus.Forbidden, "Only who got the message may report");

        if (Read(request, out var notification, out var content) is { } refusal)
            return Outcome.Of(current, refusal);

        if (notification.MessageId != asked.MessageId)
            return Refuse(current, request, SipStatus.BadRequest, "Notification is about another message");

        var taken = new Respond(request.Transaction, SipStatus.Ok);

        // Each once, also when it comes again.
        if (recipient.Notices.Any(each => each.Kind == notification.Kind))
            return Outcome.Of(current, taken);

        var isHiding = AuthenticatedOriginator.AsksPrivacy(request);
        var said = isHiding ? Nameless(notification)
            : SpeaksForHimself(notification, recipient, request) ? content
            : Renamed(notification, recipient);
        var notice = new Notice(notification.Kind, said) { IsNameless = isHiding };
        return Outcome.Of(current, taken).Then(next => Reporting.Add(next, recipient, notice, facts));
    }

    private static Recipient? RecipientOf(PageMessage message, MessageRequest request)
    {
        var keys = Joiner.Of(request).Who.Keys;
        foreach (var recipient in message.Recipients.Values)
        {
            if (keys.Contains(recipient.Address.PersonKey))
                return recipient;
        }

        return null;
    }

    private static Respond? Read(
        MessageRequest request, out Notification notification, out ReadOnlyMemory<byte> content)
    {
        notification = null!;
        content = default;
        var part = new MimePart(request.Headers, request.Body);
        if (part.ContentType?.Is(CpimContent.MediaType) != true || part.ContentEncoding is not null)
            return Unsupported(request);

        if (request.Body.Length > MaxBytes)
            return new(request.Transaction, SipStatus.RequestEntityTooLarge, "Notification too large");

        if (CpimReader.Read(request.Body.Span, out var head) != CpimResult.Read)
            return new(request.Transaction, SipStatus.BadRequest, "CPIM message is malformed");

        if (!AskedNotices.IsNotification(head.ContentType))
            return Unsupported(request);

        content = request.Body[head.Length..];
        return NotificationXml.TryParse(content, out notification, out var error)
            ? null
            : new(request.Transaction, SipStatus.BadRequest, error);
    }

    // He says what became of it with him, and does not say it of another recipient.
    private static bool SpeaksForHimself(Notification notification, Recipient recipient, MessageRequest request)
    {
        var keys = Joiner.Of(request).Who.Keys;
        return IsHis(notification.RecipientUri) && IsHis(notification.OriginalRecipientUri);

        bool IsHis(string? uri) => uri is null
            || (CpimContent.TryReadUser(uri, out var user)
                && (keys.Contains(user.PersonKey) || user.SamePerson(recipient.Address)));
    }

    private static byte[] Renamed(Notification notification, Recipient recipient) =>
        NotificationXml.Write(notification with
        {
            RecipientUri = recipient.Address.Text,
            OriginalRecipientUri = null,
        });

    private static byte[] Nameless(Notification notification) => NotificationXml.Write(notification with
    {
        RecipientUri = ChatAlias.Nobody.Text,
        OriginalRecipientUri = null,
    });

    private static Respond Unsupported(MessageRequest request) =>
        new(request.Transaction, SipStatus.UnsupportedMediaType, "Only notifications are taken here")
        {
            Headers = SipHeaders.Of(("Accept", CpimContent.MediaType)),
        };

    private static Outcome<PageMessage> Refuse(
        PageMessage? current, MessageRequest request, SipStatus status, string warning) =>
        Outcome.Of(current, new Respond(request.Transaction, status, warning));
}
