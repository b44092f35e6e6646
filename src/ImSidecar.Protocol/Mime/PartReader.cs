using System.Collections.Immutable;
using System.Text;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Mime;

/// <summary>Splits one part into header fields and content, RFC 2046 5.1; folded lines are joined.</summary>
internal static class PartReader
{
    public const int MaxHeaderBytes = 8 * 1024;
    public const int MaxHeaders = 64;

    public static bool TryRead(ReadOnlyMemory<byte> part, out MimePart read)
    {
        if (!TryReadFields(part, out read))
            return false;

        if (read.Headers.Count > 0)
            return true;

        // Some clients put blank lines before the header fields; a part without fields is looked at again.
        var blank = read.Body.Length - read.Body.Span.TrimStart("\r\n"u8).Length;
        var late = read.Body[blank..];
        if (StartsWithContentField(late.Span) && TryReadFields(late, out var again))
            read = again;

        return true;
    }

    /// <summary>Fields up to the blank line; what is behind it is the content.</summary>
    public static bool TryReadFields(ReadOnlyMemory<byte> part, out MimePart read)
    {
        var fields = ImmutableArray.CreateBuilder<SipHeader>();
        var at = 0;
        read = null!;

        while (at < part.Length)
        {
            var newLine = part.Span[at..].IndexOf((byte)'\n');
            var end = newLine < 0 ? part.Length : at + newLine + 1;
            var line = part.Span[at..end].TrimEnd("\r\n"u8);
            at = end;
            if (line.IsEmpty)
                break;

            if (at > MaxHeaderBytes || fields.Count == MaxHeaders || !TryAdd(fields, line))
                return false;
        }

        read = new(new SipHeaders(fields.ToImmutable()), part[at..]);
        return true;
    }

    private static bool TryAdd(ImmutableArray<SipHeader>.Builder fields, ReadOnlySpan<byte> line)
    {
        if (line.ContainsAny("\0\r"u8))
            return false;

        if (line[0] is (byte)' ' or (byte)'\t')
        {
            if (fields.Count == 0)
                return false;

            var folded = fields[^1];
            fields[^1] = folded with { Value = $"{folded.Value} {Encoding.UTF8.GetString(line).Trim()}".Trim() };
            return true;
        }

        var colon = line.IndexOf((byte)':');
        var name = Encoding.UTF8.GetString(colon < 0 ? [] : line[..colon]).TrimEnd(' ', '\t');
        if (!MediaType.IsToken(name))
            return false;

        fields.Add(new(name, Encoding.UTF8.GetString(line[(colon + 1)..]).Trim()));
        return true;
    }

    private static bool StartsWithContentField(ReadOnlySpan<byte> content)
    {
        var colon = content.IndexOf((byte)':');
        return colon > "Content-".Length
            && Ascii.EqualsIgnoreCase(content[.."Content-".Length], "Content-"u8)
            && content[..colon].IndexOfAny(" \t\r\n"u8) < 0;
    }
}
