using System.Globalization;
using System.Text;

namespace ImSidecar.Cli.Terminal;

/// <summary>
/// Text of peers on the terminal of an operator: what would move its cursor, colour it, turn it round or begin a line
/// is shown, not done.
/// </summary>
internal static class PlainText
{
    public static string Of(string text)
    {
        var isPlain = true;
        foreach (var character in text)
            isPlain &= !IsHarmful(character);
        if (isPlain)
            return text;

        var plain = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\r' or '\n' or '\t')
                plain.Append(' ');
            else if (rune.IsBmp && IsHarmful((char)rune.Value))
                plain.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
            else
                plain.Append(rune);
        }

        return plain.ToString();
    }

    // Control characters, what changes the direction of text or has no width, line separators.
    private static bool IsHarmful(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse;
}
