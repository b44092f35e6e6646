namespace ImSidecar.Msrp;

/// <summary>A message of the host for the peer of a leg that ends here, RFC 4975 7.1.1.</summary>
public sealed record MsrpMessage
{
    /// <summary>What answers and reports call it: 4 to 32 characters of an MSRP ident.</summary>
    public required string MessageId { get; init; }

    public required string ContentType { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Who has it in the end is to say so by a REPORT, RFC 4975 7.1.2.</summary>
    public bool SuccessReport { get; init; }
}
