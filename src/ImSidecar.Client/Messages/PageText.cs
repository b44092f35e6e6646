using System.Collections.Immutable;
using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;

namespace ImSidecar.Client.Messages;

/// <summary>A page-mode message as its reader sees it.</summary>
public sealed record PageText(SipMessage Request)
{
    /// <summary>Who it is from, as SIP says it.</summary>
    public string From => Request.Address("From")?.Uri.Text ?? "";

    public string To => Request.Address("To")?.Uri.Text ?? "";

    public string Text { get; private init; } = "";

    public CpimHead? Cpim { get; private init; }

    /// <summary>What the sender wants to hear of it; null without CPIM.</summary>
    public ImdnFields? Imdn { get; private init; }

    /// <summary>What became of messages of ours.</summary>
    public ImmutableArray<Notification> Notifications { get; private init; } = [];

    /// <summary>Who else got it, as far as the sender shows it, RFC 5364 5.</summary>
    public ImmutableArray<ResourceListEntry> OtherRecipients { get; private init; } = [];

    public static PageText Of(SipMessage request)
    {
        var text = new PageText(request);
        return MediaType.TryParse(request["Content-Type"], out var type) ? text.With(type, request.Body) : text;
    }

    private PageText With(MediaType type, ReadOnlyMemory<byte> body)
    {
        if (type.Is("message/cpim") && Cpim is null && CpimReader.Read(body.Span, out var head) == CpimResult.Read)
        {
            var inside = this with { Cpim = head, Imdn = ImdnFields.Read(head) };
            return MediaType.TryParse(head.ContentType, out var wrapped)
                ? inside.With(wrapped, body[head.Length..])
                : inside;
        }

        if (type.Is(Notification.MediaType) && NotificationXml.TryParse(body, out var notification, out _))
            return this with { Notifications = Notifications.Add(notification) };

        if (type.Is(ResourceListXml.MediaType) && ResourceListXml.TryParse(body, out var list, out _))
            return this with { OtherRecipients = list.Entries };

        if (type.IsMultipart && MultipartReader.TryRead(type, body, out var parts))
        {
            return parts.Aggregate(
                this,
                (text, part) => part.ContentType is { IsMultipart: false } each ? text.With(each, part.Body) : text);
        }

        return type.Is("text/plain") && Text.Length == 0
            ? this with { Text = Encoding.UTF8.GetString(body.Span) }
            : this;
    }
}
