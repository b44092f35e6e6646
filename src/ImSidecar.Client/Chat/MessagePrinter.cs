using System.Globalization;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Chat;

/// <summary>Shows what others write: texts, private ones, receipts; of the rest that it came.</summary>
internal sealed class MessagePrinter(Screen screen, string self)
{
    /// <summary>A message of the room; the peer is who wrote it if the message does not say.</summary>
    public void Show(MsrpMessage message, string peer, bool isGroup, Func<string, string> nameOf)
    {
        var from = nameOf(message.Cpim?.From.Uri ?? peer);
        var isPrivate = isGroup && message.Cpim is { To: [var to, ..] } && IsSelf(to.Uri);
        Show(isPrivate ? $"{from} -> you" : from, message.Cpim?.ContentType ?? message.ContentType,
            message.Content, message.Text);
    }

    /// <summary>A page-mode message.</summary>
    public void Show(SipMessage message)
    {
        var from = message.Address("P-Asserted-Identity") ?? message.Address("From");
        Show($"{Address.Short(from?.Uri.Text)} by message", message["Content-Type"] ?? "text/plain",
            message.Body, message.Text);
    }

    /// <summary>A message that was kept while we were away.</summary>
    public void Show(DeferredText message)
    {
        var from = Address.Short(message.From);
        var time = message.Time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        Show(
            time is null ? $"{from} while you were away" : $"{from}, {time}", message.ContentType, message.Content,
            message.Text);
    }

    private void Show(string from, string type, ReadOnlyMemory<byte> content, string text)
    {
        if (!MediaType.TryParse(type, out var media) || media.Is("application/im-iscomposing+xml") || content.IsEmpty)
            return;

        if (media.Is(Receipt.MediaType))
            screen.Tell($"{from}: {Receipt.Read(content)}");
        else if (media.Is("text/plain"))
            screen.Say(from, text);
        else
            screen.Tell($"{from} sent {PlainText.Line(type)}, {content.Length} bytes");
    }

    private bool IsSelf(string uri) =>
        SipUri.TryParse(uri, out var to) && SipUri.TryParse(self, out var me) && to.SamePerson(me);
}
