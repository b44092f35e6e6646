using System.Text;
using ImSidecar.Client.Msrp;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Client.Messages;

/// <summary>A message that was kept for us, as its reader sees it; App. D.2 B.</summary>
public sealed record DeferredText
{
    /// <summary>The same when it is brought again, for our confirmation was lost.</summary>
    public required string PushId { get; init; }

    public required DeferredItem Item { get; init; }

    /// <summary>URI of who wrote it.</summary>
    public required string From { get; init; }

    public string? Name { get; init; }

    /// <summary>When the server received it.</summary>
    public DateTimeOffset? Time => Item.ReceivedAt;

    public required string ContentType { get; init; }

    public required ReadOnlyMemory<byte> Content { get; init; }

    public string Text => Encoding.UTF8.GetString(Content.Span);

    /// <summary>Null when it is no deferred message that can be read.</summary>
    public static DeferredText? Of(MsrpMessage message)
    {
        if (!DeferredReader.TryRead(message.ContentType, message.Body, out var item))
            return null;

        var text = new DeferredText
        {
            PushId = message.MessageId,
            Item = item,
            From = item.From,
            Name = item.FromName,
            ContentType = item.ContentType,
            Content = item.Content,
        };

        // What was CPIM when it was sent still is, inside.
        return AcceptedTypes.Essence(item.ContentType).Equals("message/cpim", StringComparison.OrdinalIgnoreCase)
            && CpimReader.Read(item.Content.Span, out var head) == CpimResult.Read
            ? text with
            {
                From = head.From.Uri,
                Name = head.From.Name.Length == 0 ? item.FromName : head.From.Name,
                ContentType = head.ContentType,
                Content = item.Content[head.Length..],
            }
            : text;
    }
}
