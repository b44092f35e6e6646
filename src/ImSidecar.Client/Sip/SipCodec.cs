using System.Globalization;
using System.Text;

namespace ImSidecar.Client.Sip;

/// <summary>SIP messages to bytes and back, RFC 3261 7; bounded, and false with a reason for what is not SIP.</summary>
internal static class SipCodec
{
    public const int MaxHeaderBytes = 256 * 1024;
    public const int MaxBodyBytes = 4 * 1024 * 1024;
    private const int MaxHeaders = 2000;

    public static byte[] Write(SipMessage message)
    {
        var head = new StringBuilder(512);
        if (message.IsRequest)
            head.Append(CultureInfo.InvariantCulture, $"{message.Method} {message.RequestUri} SIP/2.0\r\n");
        else
            head.Append(CultureInfo.InvariantCulture, $"SIP/2.0 {message.Status} {message.Reason}\r\n");

        foreach (var header in message.Headers)
            head.Append(CultureInfo.InvariantCulture, $"{header.Name}: {header.Value}\r\n");
        if (message["Content-Length"] is null)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {message.Body.Length}\r\n");
        head.Append("\r\n");

        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. message.Body.Span];
    }

    /// <summary>A whole datagram; what stands behind Content-Length is cut off, RFC 3261 18.3.</summary>
    public static bool TryReadDatagram(ReadOnlySpan<byte> datagram, out SipMessage? message, out string error)
    {
        message = null;
        var end = datagram.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            error = "no empty line behind the headers";
            return false;
        }

        if (!TryReadHead(datagram[..end], out message, out error))
            return false;

        var rest = datagram[(end + 4)..];
        if (!TryReadContentLength(message!, rest.Length, out var length, out error))
            return false;

        if (length > rest.Length)
        {
            error = $"Content-Length {length} but {rest.Length} bytes of body";
            return false;
        }

        message!.Body = rest[..length].ToArray();
        if (length < rest.Length)
            error = $"{rest.Length - length} bytes behind the body";
        return true;
    }

    /// <summary>Start line and headers, without the empty line.</summary>
    public static bool TryReadHead(ReadOnlySpan<byte> head, out SipMessage? message, out string error)
    {
        message = null;
        error = "";
        if (head.Length > MaxHeaderBytes)
            return Fail("headers too long", out error);

        var lines = Unfold(Encoding.UTF8.GetString(head));
        if (lines.Count > MaxHeaders)
            return Fail("too many headers", out error);

        if (ReadStartLine(lines[0]) is not { } started)
            return Fail("not a SIP start line", out error);

        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || line[..colon].TrimEnd() is not { Length: > 0 } name || name.Any(char.IsWhiteSpace))
                return Fail("a header line without a name", out error);

            started.Add(name, line[(colon + 1)..].Trim());
        }

        message = started;
        return true;
    }

    public static bool TryReadContentLength(SipMessage message, int fallback, out int length, out string error)
    {
        error = "";
        length = fallback;
        if (message["Content-Length"] is not { } field)
            return true;

        return int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out length)
            && length <= MaxBodyBytes || Fail("Content-Length is not a fitting number", out error);
    }

    private static SipMessage? ReadStartLine(string line)
    {
        var parts = line.Split(' ', 3);
        if (parts.Length < 3)
            return null;

        if (parts[2] == "SIP/2.0" && parts[0].Length > 0 && parts[1].Length > 0)
            return SipMessage.Request(parts[0], parts[1]);

        return parts[0] == "SIP/2.0" && parts[1].Length == 3
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            && status is >= 100 and < 700
            ? SipMessage.Response(status, parts[2])
            : null;
    }

    private static List<string> Unfold(string head)
    {
        var lines = new List<string>();
        foreach (var line in head.Split("\r\n"))
        {
            if (lines.Count > 1 && line.Length > 0 && line[0] is ' ' or '\t')
                lines[^1] += " " + line.Trim();
            else
                lines.Add(line);
        }

        return lines;
    }

    private static bool Fail(string reason, out string error)
    {
        error = reason;
        return false;
    }
}
