using System.Text;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Mime;

/// <summary>A SIP message as a body, RFC 3261 27.5: its first line, its header fields and its own body.</summary>
public sealed record MessageSip(string FirstLine, SipHeaders Headers, ReadOnlyMemory<byte> Body)
{
    public const string MediaType = "message/sip";

    private const int MaxFirstLine = 4096;

    /// <summary>True for a request with that method.</summary>
    public bool IsRequest(string method) =>
        FirstLine.StartsWith(method + " ", StringComparison.Ordinal)
        && FirstLine.EndsWith(" SIP/2.0", StringComparison.Ordinal);

    public static bool TryParse(ReadOnlyMemory<byte> text, out MessageSip message)
    {
        message = null!;
        var start = text[(text.Length - text.Span.TrimStart("\r\n"u8).Length)..];
        var end = start.Span.IndexOf((byte)'\n');
        if (end is < 0 or > MaxFirstLine)
            return false;

        var line = Encoding.UTF8.GetString(start.Span[..end].TrimEnd("\r"u8));
        if (!line.StartsWith("SIP/2.0 ", StringComparison.Ordinal) && !line.EndsWith(" SIP/2.0", StringComparison.Ordinal)
            || !PartReader.TryReadFields(start[(end + 1)..], out var part))
            return false;

        message = new(line, part.Headers, part.Body);
        return true;
    }
}
