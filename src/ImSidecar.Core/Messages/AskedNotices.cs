using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;

namespace ImSidecar.Core.Messages;

/// <summary>What the sender of a message wants to hear of it, RFC 5438 6.2.</summary>
public sealed record AskedNotices
{
    public required string MessageId { get; init; }

    /// <summary>DateTime of the message, for what we say of it ourselves.</summary>
    public string? DateTime { get; init; }

    public bool Delivery { get; init; }

    public bool NegativeDelivery { get; init; }

    public bool Display { get; init; }

    /// <summary>Notifications come to us, and we send them on.</summary>
    public bool IsRoutedByUs { get; init; }

    /// <summary>Null: nothing is asked for. There is no notification about a notification.</summary>
    public static AskedNotices? Of(ImdnFields fields, CpimHead head) =>
        fields.MessageId is not { } id || fields.Wanted.IsEmpty || IsNotification(head.ContentType) ? null : new()
        {
            MessageId = id,
            DateTime = head.Find("DateTime"),
            Delivery = fields.Wants("positive-delivery"),
            NegativeDelivery = fields.Wants("negative-delivery"),
            Display = fields.Wants("display"),
        };

    public static bool IsNotification(string contentType) => contentType.Split(';')[0].Trim()
        .Equals(Notification.MediaType, StringComparison.OrdinalIgnoreCase);
}
