using System.Text;

namespace ImSidecar.Client.Chat;

/// <summary>What others wrote as it may be printed: no character of it controls the terminal.</summary>
internal static class PlainText
{
    public const int MaxLength = 16 * 1024;
    public const int MaxLines = 200;

    private const char Instead = '\uFFFD';

    /// <summary>On one line, so that nobody forges the next one.</summary>
    public static string Line(string? text) => string.Join(' ', Lines(text ?? ""));

    /// <summary>Line by line; what is beyond the limits is replaced by a remark.</summary>
    public static IEnumerable<string> Lines(string text)
    {
        var isCut = text.Length > MaxLength;
        var lines = (isCut ? text[..MaxLength] : text).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        return lines.Take(MaxLines).Select(Clean)
            .Concat(isCut || lines.Length > MaxLines ? [$"[... {text.Length} characters]"] : []);
    }

    private static string Clean(string line)
    {
        if (!line.Any(char.IsControl))
            return line;

        var clean = new StringBuilder(line.Length);
        foreach (var c in line)
            clean.Append(c == '\t' ? ' ' : char.IsControl(c) ? Instead : c);
        return clean.ToString();
    }
}
