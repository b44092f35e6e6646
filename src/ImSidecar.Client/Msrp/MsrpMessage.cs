using System.Text;
using ImSidecar.Protocol.Cpim;

namespace ImSidecar.Client.Msrp;

/// <summary>A whole message, put together from its chunks; RFC 4975 5.1.</summary>
public sealed record MsrpMessage(string MessageId, string ContentType, ReadOnlyMemory<byte> Body, int Chunks)
{
    /// <summary>The header block of a CPIM message, or null if it is none that can be read.</summary>
    public CpimHead? Cpim { get; } =
        ContentType.StartsWith("message/cpim", StringComparison.OrdinalIgnoreCase)
        && CpimReader.Read(Body.Span, out var head) == CpimResult.Read ? head : null;

    /// <summary>What a person reads: the content of the CPIM message, else the body.</summary>
    public ReadOnlyMemory<byte> Content => Cpim is { } head ? Body[head.Length..] : Body;

    public string Text => Encoding.UTF8.GetString(Content.Span);
}
