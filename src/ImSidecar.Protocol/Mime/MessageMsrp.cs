using System.Buffers;
using System.Globalization;
using System.Text;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Mime;

/// <summary>An MSRP SEND as a body, message/msrp: its header fields and what it carries; App. D.2.</summary>
public sealed record MessageMsrp(string TransactionId, SipHeaders Headers, ReadOnlyMemory<byte> Body)
{
    public const string MediaType = "message/msrp";

    private const int MaxStartLine = 5 + MsrpIdent.MaxLength + 8;

    public static bool TryParse(ReadOnlyMemory<byte> text, out MessageMsrp message)
    {
        message = null!;
        var start = text[(text.Length - text.Span.TrimStart("\r\n"u8).Length)..];
        var end = start.Span.IndexOf((byte)'\n');
        if (end is < 0 or > MaxStartLine
            || !TryReadStart(start.Span[..end].Trim("\r "u8), out var transaction)
            || !PartReader.TryReadFields(start[(end + 1)..], out var part))
            return false;

        message = new(transaction, part.Headers, UpToEndLine(part.Body, transaction));
        return true;
    }

    /// <summary>
    /// One chunk of a message that may have come in several: the head of its first one, byte for byte but for
    /// Byte-Range, which is that of the whole, and <paramref name="added"/> behind Message-ID.
    /// </summary>
    /// <param name="head">Start line and header fields with their line ends.</param>
    public static byte[] Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, params ReadOnlySpan<SipHeader> added)
    {
        var output = new ArrayBufferWriter<byte>(head.Length + body.Length + 128);
        var range = string.Create(CultureInfo.InvariantCulture, $"Byte-Range: 1-{body.Length}/{body.Length}\r\n");
        var transaction = FreeTransaction(head, body);
        var (hasRange, hasAdded) = (false, false);

        Write(output, $"MSRP {transaction} SEND\r\n");
        foreach (var line in Lines(head))
        {
            var text = head[line];
            if (IsNamed(text, "Byte-Range"))
            {
                Write(output, hasRange ? "" : range);
                hasRange = true;
                continue;
            }

            if (IsNamed(text, "Content-Type"))
            {
                // It is the last one; what has not found its place stands before it.
                Write(output, hasAdded ? "" : Text(added));
                Write(output, hasRange ? "" : range);
                (hasRange, hasAdded) = (true, true);
            }

            output.Write(text);
            output.Write("\r\n"u8);
            if (IsNamed(text, "Message-ID") && !hasAdded)
            {
                Write(output, Text(added));
                hasAdded = true;
            }
        }

        output.Write("\r\n"u8);
        output.Write(body);
        Write(output, $"\r\n-------{transaction}$\r\n");
        return output.WrittenSpan.ToArray();
    }

    // Its own one, unless the body holds the end-line of it: that chunk had another.
    private static string FreeTransaction(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        var end = head.IndexOf((byte)'\n');
        if (!TryReadStart(end < 0 ? head : head[..end].Trim("\r "u8), out var own))
            own = "x000";

        var free = own;
        for (var number = 1; EndLine.Occurs(body, free); number++)
            free = own[..Math.Min(own.Length, 20)] + "x" + number.ToString(CultureInfo.InvariantCulture);

        return free;
    }

    private static bool TryReadStart(ReadOnlySpan<byte> line, out string transaction)
    {
        transaction = "";
        if (!line.StartsWith("MSRP "u8) || !line.EndsWith(" SEND"u8) || line.Length < 11)
            return false;

        var ident = line[5..^5].Trim((byte)' ');
        transaction = MsrpIdent.IsValid(ident) ? Encoding.ASCII.GetString(ident) : "";
        return transaction.Length > 0;
    }

    // A missing end-line is accepted: the end of the text ends it.
    private static ReadOnlyMemory<byte> UpToEndLine(ReadOnlyMemory<byte> body, string transaction)
    {
        var pattern = Encoding.ASCII.GetBytes("-------" + transaction);
        for (var at = 0; body.Span[at..].IndexOf(pattern) is >= 0 and var found; at += found + pattern.Length)
        {
            var line = at + found;
            var flag = line + pattern.Length;
            var isLine = line == 0 || body.Span[line - 1] == '\n';
            if (isLine && flag < body.Length && "$+#"u8.Contains(body.Span[flag])
                && body.Span[(flag + 1)..].TrimStart(" \t"u8) is [] or [(byte)'\r' or (byte)'\n', ..])
                return body[..WithoutLineEnd(body.Span, line)];
        }

        return body;
    }

    private static int WithoutLineEnd(ReadOnlySpan<byte> body, int end)
    {
        if (end > 0 && body[end - 1] == '\n')
            end--;

        return end > 0 && body[end - 1] == '\r' ? end - 1 : end;
    }

    // Without the start line.
    private static List<Range> Lines(ReadOnlySpan<byte> head)
    {
        var lines = new List<Range>();
        var at = head.IndexOf((byte)'\n') + 1;
        while (at > 0 && at < head.Length)
        {
            var length = head[at..].IndexOf((byte)'\n');
            var end = length < 0 ? head.Length : at + length;
            var text = head[at..end].TrimEnd("\r"u8);
            if (!text.IsEmpty)
                lines.Add(at..(at + text.Length));

            at = end + 1;
        }

        return lines;
    }

    private static bool IsNamed(ReadOnlySpan<byte> line, string name) =>
        line.Length > name.Length && line[name.Length] == ':'
        && Ascii.EqualsIgnoreCase(line[..name.Length], name);

    private static string Text(ReadOnlySpan<SipHeader> fields)
    {
        var text = "";
        foreach (var field in fields)
            text += field + "\r\n";

        return text;
    }

    private static void Write(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
