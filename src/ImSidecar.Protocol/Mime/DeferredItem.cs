namespace ImSidecar.Protocol.Mime;

/// <summary>What a client learns of a message that was kept for it, however it was packed; App. D.2.</summary>
public sealed record DeferredItem
{
    /// <summary>
    /// When it was received, in a stored message that already said in Date when it was written; a Date that we add says
    /// it otherwise.
    /// </summary>
    public const string ReceivedField = "P-Im-Received";

    public required DeferredKind Kind { get; init; }

    /// <summary>URI of who wrote it; empty: it does not say.</summary>
    public string From { get; init; } = "";

    public string? FromName { get; init; }

    /// <summary>URI of whom it was written to; empty: it does not say.</summary>
    public string To { get; init; } = "";

    /// <summary>Of the stored MESSAGE or INVITE.</summary>
    public string? CallId { get; init; }

    /// <summary>Of the stored SEND, or for its notifications in CPIM.</summary>
    public string? MessageId { get; init; }

    /// <summary>When the server received it.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    public required string ContentType { get; init; }

    public required ReadOnlyMemory<byte> Content { get; init; }
}

/// <summary>As what a deferred message came.</summary>
public enum DeferredKind
{
    /// <summary>A SIP MESSAGE.</summary>
    PageMode,

    /// <summary>An MSRP SEND, with or without the INVITE of its session.</summary>
    Session,

    /// <summary>A message/cpim, whatever it was before.</summary>
    Cpim,
}
