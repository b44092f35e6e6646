using System.Collections.Immutable;
using System.Text;

namespace ImSidecar.Protocol.Mime;

/// <summary>Takes a multipart body apart, RFC 2046 5.1.1; parts within parts are left to the caller.</summary>
public static class MultipartReader
{
    public const int MaxParts = 32;
    public const int MaxBoundary = 70;

    public static bool TryRead(MediaType type, ReadOnlyMemory<byte> body, out ImmutableArray<MimePart> parts)
    {
        parts = [];
        return type.IsMultipart && type.Parameter("boundary") is { } boundary && TryRead(boundary, body, out parts);
    }

    public static bool TryRead(string boundary, ReadOnlyMemory<byte> body, out ImmutableArray<MimePart> parts)
    {
        parts = [];
        if (boundary.Length is 0 or > MaxBoundary || !Ascii.IsValid(boundary))
            return false;

        var delimiter = Encoding.ASCII.GetBytes("--" + boundary);
        var found = ImmutableArray.CreateBuilder<MimePart>();
        var line = NextDelimiter(body.Span, delimiter, 0);

        // A missing closing delimiter is accepted: the end of the body closes the last part.
        while (line is { IsFound: true, IsClosing: false })
        {
            var next = NextDelimiter(body.Span, delimiter, line.End);
            if (found.Count == MaxParts || !PartReader.TryRead(body[line.End..next.ContentEnd], out var part))
                return false;

            found.Add(part);
            line = next;
        }

        parts = found.ToImmutable();
        return parts.Length > 0;
    }

    /// <summary>The next line that is the delimiter; when there is none, ContentEnd is the end of the body.</summary>
    private static DelimiterLine NextDelimiter(ReadOnlySpan<byte> body, ReadOnlySpan<byte> delimiter, int from)
    {
        for (var at = from; at < body.Length;)
        {
            var offset = body[at..].IndexOf(delimiter);
            if (offset < 0)
                break;

            var start = at + offset;
            at = start + delimiter.Length;
            if ((start == 0 || body[start - 1] == '\n') && TryEndLine(body, at, out var end, out var isClosing))
                return new(Math.Max(from, WithoutLineEnd(body, start)), end, IsFound: true, isClosing);
        }

        return new(body.Length, body.Length, IsFound: false, IsClosing: true);
    }

    private static bool TryEndLine(ReadOnlySpan<byte> body, int at, out int end, out bool isClosing)
    {
        var newLine = body[at..].IndexOf((byte)'\n');
        end = newLine < 0 ? body.Length : at + newLine + 1;
        var tail = body[at..end].TrimEnd(" \t\r\n"u8);

        // One hyphen closes too when nothing follows: the appendix of the specification prints it so.
        isClosing = tail.SequenceEqual("--"u8)
            || tail.SequenceEqual("-"u8) && body[end..].TrimStart(" \t\r\n"u8).IsEmpty;
        return isClosing || (tail.IsEmpty && newLine >= 0);
    }

    // The line end before a delimiter belongs to the delimiter.
    private static int WithoutLineEnd(ReadOnlySpan<byte> body, int start)
    {
        if (start > 0 && body[start - 1] == '\n')
            start--;

        return start > 0 && body[start - 1] == '\r' ? start - 1 : start;
    }

    private readonly record struct DelimiterLine(int ContentEnd, int End, bool IsFound, bool IsClosing);
}
