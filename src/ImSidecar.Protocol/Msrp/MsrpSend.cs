namespace ImSidecar.Protocol.Msrp;

/// <summary>What the head of a SEND of ours says, RFC 4975 7.1.</summary>
public sealed record MsrpSend
{
    public required MsrpPaths Paths { get; init; }

    public required string MessageId { get; init; }

    public ByteRange? Range { get; init; }

    public bool SuccessReport { get; init; }

    public FailureReport FailureReport { get; init; }

    /// <summary>Null for a SEND without body.</summary>
    public string? ContentType { get; init; }
}
