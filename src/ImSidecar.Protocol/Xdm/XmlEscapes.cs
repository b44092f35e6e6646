using System.Globalization;
using System.Text;

namespace ImSidecar.Protocol.Xdm;

/// <summary>The value of an attribute out of its text, XML 1.0 3.3.3: no entities but the five of XML.</summary>
internal static class XmlEscapes
{
    /// <summary>False for "&lt;", for any other reference and for a character that XML does not have.</summary>
    public static bool TryUnescape(ReadOnlySpan<char> text, out string value)
    {
        value = "";
        var unescaped = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '<')
                return false;

            // A line end is one character, whatever it is made of.
            if (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n')
                continue;

            if (text[at] != '&')
            {
                unescaped.Append(text[at] is '\t' or '\n' or '\r' ? ' ' : text[at]);
                continue;
            }

            var end = text[at..].IndexOf(';');
            if (end < 0 || !TryRead(text[(at + 1)..(at + end)], unescaped))
                return false;

            at += end;
        }

        value = unescaped.ToString();
        return true;
    }

    private static bool TryRead(ReadOnlySpan<char> reference, StringBuilder value)
    {
        if (reference.StartsWith('#'))
            return TryReadNumber(reference[1..], value);

        var character = reference switch
        {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => '\0',
        };
        value.Append(character);
        return character != '\0';
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, StringBuilder value)
    {
        var isHex = text.StartsWith('x');
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        if (!int.TryParse(isHex ? text[1..] : text, style, CultureInfo.InvariantCulture, out var number)
            || !Rune.IsValid(number)
            || (number < ' ' && number is not ('\t' or '\n' or '\r')) || number is 0xFFFE or 0xFFFF)
            return false;

        value.Append(new Rune(number).ToString());
        return true;
    }
}
