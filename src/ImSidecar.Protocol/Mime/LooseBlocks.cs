using System.Buffers;
using System.Text;

namespace ImSidecar.Protocol.Mime;

/// <summary>
/// Finds SIP messages and MSRP requests in text that is indented and where blank lines are missing or too many, as
/// App. D.2 B prints it: each begins with its start line and ends with the next delimiter.
/// </summary>
internal static class LooseBlocks
{
    private const int MaxBlocks = 32;

    private static ReadOnlySpan<byte> NoBreak => "\u00A0"u8;

    public static List<ReadOnlyMemory<byte>> In(ReadOnlySpan<byte> body, string? boundary)
    {
        var delimiter = boundary is null ? null : Encoding.UTF8.GetBytes("--" + boundary);
        var blocks = new List<ReadOnlyMemory<byte>>();
        ArrayBufferWriter<byte>? open = null;
        while (!body.IsEmpty && blocks.Count < MaxBlocks)
        {
            var end = body.IndexOf((byte)'\n');
            var line = Trim(end < 0 ? body : body[..end]);
            body = end < 0 ? [] : body[(end + 1)..];
            if (delimiter is not null && line.StartsWith(delimiter))
                Close(ref open, blocks);
            else if (open is null && IsStartLine(line))
                open = new();

            open?.Write(line);
            open?.Write("\r\n"u8);
        }

        Close(ref open, blocks);
        return blocks;
    }

    private static void Close(ref ArrayBufferWriter<byte>? open, List<ReadOnlyMemory<byte>> blocks)
    {
        if (open is not null)
            blocks.Add(open.WrittenMemory);

        open = null;
    }

    // Text that was copied out of a printed page is indented with no-break spaces.
    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t\r"u8);
        while (line.StartsWith(NoBreak))
            line = line[NoBreak.Length..].TrimStart(" \t"u8);
        while (line.EndsWith(NoBreak))
            line = line[..^NoBreak.Length].TrimEnd(" \t"u8);

        return line;
    }

    private static bool IsStartLine(ReadOnlySpan<byte> line) =>
        line.StartsWith("MSRP "u8) || line.StartsWith("SIP/2.0 "u8) || line.EndsWith(" SIP/2.0"u8);
}
