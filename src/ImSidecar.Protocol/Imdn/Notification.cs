namespace ImSidecar.Protocol.Imdn;

/// <summary>What became of a message for one who was to get it, RFC 5438 7.2.1.</summary>
public sealed record Notification(string MessageId, NotificationKind Kind, string Status)
{
    public const string MediaType = "message/imdn+xml";

    /// <summary>Of the message, as its sender wrote it; null: not said.</summary>
    public string? DateTime { get; init; }

    public string? RecipientUri { get; init; }

    /// <summary>Whom the sender meant, when somebody on the way has sent it elsewhere.</summary>
    public string? OriginalRecipientUri { get; init; }
}

/// <summary>What a notification is about.</summary>
public enum NotificationKind
{
    Delivery,
    Processing,
    Display,
}
