using System.Buffers;
using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;

namespace ImSidecar.Client.Messages;

/// <summary>Page mode of a handset: MESSAGE to one, a list or a group, RFC 3428; notifications, RFC 5438.</summary>
public static class PageMode
{
    /// <summary>Sends a text; the final answer.</summary>
    public static Task<SipMessage> MessageAsync(
        this Handset handset, string to, string text, MessageOptions? options = null, SipFlow? hop = null) =>
        handset.SendAsync(handset.CreateMessage(to, text, options ?? new()), hop);

    /// <summary>The MESSAGE, which may be changed before it is sent.</summary>
    public static SipMessage CreateMessage(this Handset handset, string to, string text, MessageOptions options)
    {
        var isCpim = options.IsCpim || options.Notify is not null || options.CpimFrom is not null;
        var content = isCpim
            ? MimePart.Of("message/cpim", Cpim(handset, to, text, options))
            : MimePart.Of("text/plain;charset=utf-8", Encoding.UTF8.GetBytes(text));
        var request = handset.CreateRequest("MESSAGE", to)
            .Add("Accept-Contact", "*;+g.oma.sip-im;require;explicit");
        if (options.Recipients.Count == 0)
        {
            request.WithBody(content.Headers[0].Value, content.Body);
        }
        else
        {
            MimePart[] parts =
            [
                content,
                MimePart.Of(
                    ResourceListXml.MediaType, "recipient-list", ResourceListXml.Write(new([.. options.Recipients]))),
            ];
            var boundary = MultipartWriter.ChooseBoundary(Token.New(16), parts);
            request.Add("Require", "recipient-list-message")
                .WithBody(MultipartWriter.ContentType("mixed", boundary), MultipartWriter.Write(boundary, parts));
        }

        UserAgent.Override(request, options.Headers);
        return request;
    }

    /// <summary>
    /// Tells the sender what became of his message, by the way that it asks for; null when he does not want to hear it.
    /// </summary>
    public static Task<SipMessage>? NotifyAsync(
        this Handset handset, PageText message, NotificationKind kind,
        IReadOnlyList<(string Name, string? Value)>? headers = null)
    {
        if (message.Imdn is not { MessageId: { } id } asked
            || !asked.Wants(kind == NotificationKind.Display ? "display" : "positive-delivery")
            || message.Cpim is not { } head)
            return null;

        var status = kind == NotificationKind.Display ? "displayed" : "delivered";
        var notification = new Notification(id, kind, status)
        {
            DateTime = head.Find("DateTime"),
            RecipientUri = handset.AddressOfRecord,
        };
        var to = asked.RecordRoute is [var route, ..] ? route : head.From.Uri;
        var request = handset.CreateRequest("MESSAGE", to)
            .Add("Accept-Contact", "*;+g.oma.sip-im;require;explicit")
            .WithBody("message/cpim", Notice(handset, head.From, asked, NotificationXml.Write(notification)));
        UserAgent.Override(request, headers ?? []);
        return handset.SendAsync(request);
    }

    private static ReadOnlyMemory<byte> Cpim(Handset handset, string to, string text, MessageOptions options)
    {
        var output = new ArrayBufferWriter<byte>();
        new CpimMessage
        {
            From = new(options.CpimFrom ?? handset.AddressOfRecord),
            To = [new(to)],
            DateTime = DateTimeOffset.UtcNow,
            Fields = options.Notify is not { } notify ? [] :
            [
                ("NS", $"imdn <{ImdnFields.Namespace}>"),
                ("imdn." + ImdnFields.MessageIdName, options.MessageId ?? Token.New(16)),
                ("imdn." + ImdnFields.DispositionName, notify),
            ],
            ContentType = "text/plain; charset=utf-8",
            Content = Encoding.UTF8.GetBytes(text),
        }.WriteTo(output);
        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Notice(
        Handset handset, CpimAddress to, ImdnFields asked, ReadOnlyMemory<byte> notification)
    {
        var output = new ArrayBufferWriter<byte>();
        new CpimMessage
        {
            From = new(handset.AddressOfRecord),
            To = [new(to.Uri)],
            DateTime = DateTimeOffset.UtcNow,
            Fields =
            [
                ("NS", $"imdn <{ImdnFields.Namespace}>"),
                ("imdn." + ImdnFields.MessageIdName, Token.New(16)),
                .. asked.RecordRoute.Select(route => ("imdn." + ImdnFields.RouteName, $"<{route}>")),
            ],
            ContentType = Notification.MediaType,
            ContentDisposition = "notification",
            Content = notification,
        }.WriteTo(output);
        return output.WrittenMemory;
    }
}
