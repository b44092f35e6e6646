namespace ImSidecar.Client.Msrp;

/// <summary>A whole message, put together from its chunks; RFC 4975 5.1.</summary>
public sealed record MsrpMessage(string MessageId, string ContentType, ReadOnlyMemory<byte> Body, int Chunks)
{
    /// <summary>The CPIM message inside, or null if there is none.</summary>
    public CpimMessage? Cpim =>
        ContentType.StartsWith("message/cpim", StringComparison.OrdinalIgnoreCase)
        && CpimMessage.TryParse(Body, out var cpim) ? cpim : null;
}
