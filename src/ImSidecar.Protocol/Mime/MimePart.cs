using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Mime;

/// <summary>One part of a multipart body, RFC 2046 5.1: its header fields and its content.</summary>
public sealed record MimePart(SipHeaders Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The part's type; text/plain when it says none, null when what it says is malformed.</summary>
    public MediaType? ContentType =>
        MediaType.TryParse(Headers.First("Content-Type") ?? "text/plain", out var type) ? type : null;

    /// <summary>The disposition in lower case without its parameters: recipient-list; null when absent.</summary>
    public string? Disposition =>
        Headers.First("Content-Disposition")?.Split(';')[0].Trim().ToLowerInvariant();

    public string? ContentEncoding => Headers.First("Content-Encoding");

    public static MimePart Of(string contentType, ReadOnlyMemory<byte> body) =>
        new(SipHeaders.Of(("Content-Type", contentType)), body);

    public static MimePart Of(string contentType, string disposition, ReadOnlyMemory<byte> body) =>
        new(SipHeaders.Of(("Content-Type", contentType), ("Content-Disposition", disposition)), body);
}
