using System.Buffers.Text;
using System.Globalization;

namespace ImSidecar.Protocol.Msrp;

/// <summary>Byte-Range header field, RFC 4975 9. A null End or Total is "*" on the wire.</summary>
public readonly record struct ByteRange(long Start, long? End, long? Total)
{
    // 18 digits always fit a long.
    private const int MaxDigits = 18;

    public static bool TryParse(ReadOnlySpan<byte> field, out ByteRange range)
    {
        var dash = field.IndexOf((byte)'-');
        var slash = field.IndexOf((byte)'/');
        range = default;

        // An empty chunk ends one before it starts: 1-0/0.
        if (dash < 0 || slash < dash
            || !TryParseNumber(field[..dash], out var start) || start < 1
            || !TryParseNumberOrStar(field[(dash + 1)..slash], out var end) || end < start - 1
            || !TryParseNumberOrStar(field[(slash + 1)..], out var total))
            return false;

        range = new(start, end, total);
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Start}-{OrStar(End)}/{OrStar(Total)}");

    private static bool TryParseNumberOrStar(ReadOnlySpan<byte> field, out long? number)
    {
        number = null;
        if (field is [(byte)'*'])
            return true;

        if (!TryParseNumber(field, out var value))
            return false;

        number = value;
        return true;
    }

    private static bool TryParseNumber(ReadOnlySpan<byte> field, out long number)
    {
        number = 0;
        return field.Length is > 0 and <= MaxDigits
            && char.IsAsciiDigit((char)field[0])
            && Utf8Parser.TryParse(field, out number, out var used) && used == field.Length;
    }

    private static string OrStar(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "*";
}
