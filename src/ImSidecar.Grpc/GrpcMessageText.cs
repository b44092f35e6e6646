using System.Globalization;
using System.Text;

namespace ImSidecar.Grpc;

/// <summary>The grpc-message trailer: UTF-8, percent-encoded outside printable ASCII, of bounded length.</summary>
internal static class GrpcMessageText
{
    // Clients bound all metadata of a call to about 8 KiB; a byte takes at most three characters.
    public const int MaxBytes = 1024;

    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        var bytes = 0;

        // A lone surrogate enumerates as U+FFFD.
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(utf8);
            bytes += length;
            if (bytes > MaxBytes)
                break;

            foreach (var value in utf8[..length])
                Append(encoded, value);
        }

        return encoded.ToString();
    }

    private static void Append(StringBuilder encoded, byte value)
    {
        if (value is >= 0x20 and <= 0x7E and not (byte)'%')
            encoded.Append((char)value);
        else
            encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
    }
}
