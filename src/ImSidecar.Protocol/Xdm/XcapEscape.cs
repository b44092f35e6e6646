using System.Buffers;
using System.Globalization;
using System.Text;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Percent-encoding in XCAP URIs, RFC 3986 2.1 and RFC 4825 6.</summary>
public static class XcapEscape
{
    // What a path segment may hold unescaped, RFC 3986 3.3.
    private static readonly SearchValues<char> _plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@");

    private static readonly UTF8Encoding _strict = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// Once: what is escaped twice stays escaped. False for a bad escape, for what is not UTF-8 (an overlong form is
    /// not) and for control characters.
    /// </summary>
    public static bool TryUnescape(ReadOnlySpan<char> text, out string unescaped)
    {
        unescaped = "";
        var bytes = new byte[text.Length];
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] > '~' || text[at] < ' ')
                return false;

            if (text[at] != '%')
            {
                bytes[length++] = (byte)text[at];
                continue;
            }

            if (at + 2 >= text.Length || !byte.TryParse(
                text[(at + 1)..(at + 3)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                return false;

            bytes[length++] = value;
            at += 2;
        }

        try
        {
            unescaped = _strict.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        return !unescaped.AsSpan().ContainsAnyInRange('\0', '\x1f') && !unescaped.Contains('\x7f');
    }

    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(_plain))
            return text;

        var escaped = new StringBuilder(text.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (_plain.Contains((char)value))
                escaped.Append((char)value);
            else
                escaped.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }
}
