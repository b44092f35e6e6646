using System.Globalization;

namespace ImSidecar.Protocol.Xdm;

/// <summary>A step of a node selector, RFC 4825 6.3: one among its siblings by position, by attribute or by both.</summary>
public readonly record struct ListStep(int? Position, string? Attribute, string? Value)
{
    public string ToString(string element) =>
        element + (Position is { } position ? $"[{position}]" : "") + (Attribute is null ? "" : $"[@{Attribute}=\"{Value}\"]");

    /// <summary>Reads a step off the text; the name is without its prefix.</summary>
    internal static bool TryRead(ref ReadOnlySpan<char> text, out string name, out ListStep step)
    {
        step = default;
        var end = text.IndexOfAny('/', '[');
        var qualified = end < 0 ? text : text[..end];
        name = qualified[(qualified.IndexOf(':') + 1)..].ToString();
        text = text[qualified.Length..];

        while (text is ['[', ..])
        {
            text = text[1..];
            if (text is ['@', ..] ? !TryReadAttribute(ref text, ref step) : !TryReadPosition(ref text, ref step))
                return false;
        }

        return name.Length > 0;
    }

    /// <summary>The position stands before the attribute.</summary>
    private static bool TryReadPosition(ref ReadOnlySpan<char> text, ref ListStep step)
    {
        var end = text.IndexOf(']');
        if (end < 0 || step != default || !int.TryParse(
            text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var position) || position < 1)
            return false;

        step = step with { Position = position };
        text = text[(end + 1)..];
        return true;
    }

    private static bool TryReadAttribute(ref ReadOnlySpan<char> text, ref ListStep step)
    {
        var equals = text.IndexOf('=');
        if (equals < 0 || equals + 1 == text.Length || step.Attribute is not null)
            return false;

        var name = text[1..equals];
        var quote = text[equals + 1];
        var value = text[(equals + 2)..];
        var end = value.IndexOf(quote);
        if (quote is not ('"' or '\'') || end < 0 || end + 1 == value.Length || value[end + 1] != ']')
            return false;

        step = step with { Attribute = name.ToString(), Value = value[..end].ToString() };
        text = value[(end + 2)..];
        return true;
    }
}
