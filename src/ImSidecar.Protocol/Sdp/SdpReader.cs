using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;

namespace ImSidecar.Protocol.Sdp;

/// <summary>Reads RFC 4566 text: bounded, with LF or CRLF line ends, the last of which may be missing.</summary>
internal static class SdpReader
{
    public const int MaxBytes = 64 * 1024;
    public const int MaxLines = 1000;
    public const int MaxMedia = 32;

    private static readonly SearchValues<byte> NeverInALine = SearchValues.Create("\0\r"u8);

    public static bool TryRead(ReadOnlySpan<byte> body, out SessionDescription description)
    {
        description = null!;
        if (body.Length > MaxBytes || !TryReadLines(body, out var lines) || !IsDescription(lines))
            return false;

        var head = lines.TakeWhile(line => line.Type != 'm').ToImmutableArray();
        var media = ImmutableArray.CreateBuilder<SdpMedia>();

        for (var index = head.Length; index < lines.Count;)
        {
            if (media.Count == MaxMedia || !SdpMedia.TryParse(lines[index].Value, out var next))
                return false;

            var own = lines.Skip(index + 1).TakeWhile(line => line.Type != 'm').ToImmutableArray();
            media.Add(next with { Lines = own });
            index += 1 + own.Length;
        }

        description = new(head, media.ToImmutable());
        return true;
    }

    private static bool IsDescription(List<SdpLine> lines) =>
        lines is [{ Type: 'v', Value: "0" }, { Type: 'o', Value: var origin }, ..] && SdpOrigin.TryParse(origin, out _);

    private static bool TryReadLines(ReadOnlySpan<byte> body, out List<SdpLine> lines)
    {
        lines = [];
        foreach (var range in body.Split((byte)'\n'))
        {
            var line = body[range];
            if (line.EndsWith("\r"u8))
                line = line[..^1];

            if (line.IsEmpty)
                continue;

            if (lines.Count == MaxLines || !TryReadLine(line, out var read))
                return false;

            lines.Add(read);
        }

        return true;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> line, out SdpLine read)
    {
        read = default;
        if (line.Length < 2 || line[1] != '=' || !char.IsAsciiLetterLower((char)line[0])
            || line.ContainsAny(NeverInALine) || !Utf8.IsValid(line))
            return false;

        read = new((char)line[0], Encoding.UTF8.GetString(line[2..]));
        return true;
    }
}
