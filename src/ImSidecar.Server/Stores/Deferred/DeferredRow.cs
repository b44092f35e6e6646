namespace ImSidecar.Server.Stores.Deferred;

/// <summary>
/// A message as it lies in the store: what is searched, counted or told to its sender in the clear, what was written
/// as it is sealed. Times in milliseconds of Unix time.
/// </summary>
internal sealed record DeferredRow
{
    public long Number { get; init; }

    public required string User { get; init; }

    public required string Key { get; init; }

    public required string Sender { get; init; }

    public required string Recipient { get; init; }

    public required bool IsAnonymous { get; init; }

    public required long ReceivedAt { get; init; }

    public required long ExpiresAt { get; init; }

    /// <summary>Of the content as it was written, the part of SIP and all of it.</summary>
    public required long SipSize { get; init; }

    public required long Size { get; init; }

    /// <summary>What its sender wants to hear; null: nothing.</summary>
    public byte[]? Notices { get; init; }

    /// <summary>Null: subject and content are not encrypted.</summary>
    public string? KeyId { get; init; }

    public required byte[] Subject { get; init; }

    /// <summary>Not read for a list.</summary>
    public byte[] Content { get; init; } = [];
}
