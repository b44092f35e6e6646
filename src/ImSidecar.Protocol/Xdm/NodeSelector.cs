using System.Collections.Immutable;
using System.Globalization;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Selects an element, an attribute or the namespaces of an element, RFC 4825 6.3.</summary>
public sealed record NodeSelector
{
    public const int MaxSteps = 32;

    public required ImmutableArray<NodeStep> Steps { get; init; }

    /// <summary>The attribute selected; null when it is none.</summary>
    public NodeName? Attribute { get; init; }

    /// <summary>namespace::*</summary>
    public bool SelectsNamespaces { get; init; }

    /// <summary>The bindings that its prefixes have.</summary>
    public NamespaceBindings Bindings { get; init; } = NamespaceBindings.None;

    private string Terminal { get; init; } = "";

    /// <summary>As it stands in a URI, with the query.</summary>
    public string Escaped =>
        Path(Steps.Length) + (Terminal.Length == 0 ? "" : "/" + XcapEscape.Escape(Terminal)) + Query;

    private string Query => Bindings.Query.Length == 0 ? "" : "?" + Bindings.Query;

    /// <summary>The first steps only, as they stand in a URI.</summary>
    public string EscapedSteps(int count) => Path(count) + Query;

    internal static bool TryParse(string text, NamespaceBindings bindings, out NodeSelector? selector)
    {
        selector = null;
        if (!TrySplit(text, out var parts))
            return false;

        var terminal = parts[^1] is "namespace::*" || parts[^1].StartsWith('@') ? parts[^1] : "";
        var steps = ImmutableArray.CreateBuilder<NodeStep>();
        foreach (var part in terminal.Length == 0 ? parts : parts[..^1])
        {
            if (!NodeStep.TryParse(part, bindings, out var step))
                return false;

            steps.Add(step);
        }

        NodeName? attribute = null;
        if (steps.Count == 0
            || (terminal.StartsWith('@')
                && !NodeName.TryParse(terminal.AsSpan(1).ToString(), bindings, out attribute)))
            return false;

        selector = new()
        {
            Steps = steps.ToImmutable(),
            Attribute = attribute,
            SelectsNamespaces = terminal.StartsWith('n'),
            Bindings = bindings,
            Terminal = terminal,
        };
        return true;
    }

    private string Path(int count) =>
        string.Join('/', Steps.Take(count).Select(step => XcapEscape.Escape(step.Text)));

    // At slashes outside of quotes.
    private static bool TrySplit(string text, out List<string> parts)
    {
        parts = [];
        var quote = '\0';
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (quote != '\0')
                quote = text[at] == quote ? '\0' : quote;
            else if (text[at] is '"' or '\'')
                quote = text[at];
            else if (text[at] == '/')
            {
                parts.Add(text[start..at]);
                start = at + 1;
            }
        }

        parts.Add(text[start..]);
        return quote == '\0' && parts.Count <= MaxSteps + 1;
    }
}

/// <summary>One step: a name or "*" (null), with a position, with an attribute's value, or with both.</summary>
public sealed record NodeStep(NodeName? Name, int? Position, NodeName? Attribute, string AttributeValue)
{
    /// <summary>As it was read, unescaped.</summary>
    public required string Text { get; init; }

    internal static bool TryParse(string text, NamespaceBindings bindings, out NodeStep step)
    {
        step = null!;
        var bracket = text.IndexOf('[', StringComparison.Ordinal);
        var head = bracket < 0 ? text : text[..bracket];
        var rest = bracket < 0 ? "" : text[bracket..];
        NodeName? name = null;
        if (head != "*" && !NodeName.TryParse(head, bindings, out name))
            return false;

        int? position = null;
        if (rest.Length > 1 && char.IsAsciiDigit(rest[1]))
        {
            var end = rest.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || !int.TryParse(
                rest.AsSpan(1, end - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return false;

            position = number;
            rest = rest[(end + 1)..];
        }

        NodeName? attribute = null;
        var value = "";
        if (rest.Length > 0 && !TryParseTest(rest, bindings, out attribute, out value))
            return false;

        step = new(name, position, attribute, value) { Text = text };
        return true;
    }

    // [@name="value"]
    private static bool TryParseTest(string text, NamespaceBindings bindings, out NodeName? name, out string value)
    {
        name = null;
        value = "";
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (!text.StartsWith("[@", StringComparison.Ordinal) || equals < 0 || text[^1] != ']'
            || !NodeName.TryParse(text.AsSpan(2, equals - 2).Trim().ToString(), bindings, out name))
            return false;

        var quoted = text.AsSpan(equals + 1, text.Length - equals - 2).Trim();
        var quote = quoted.Length < 2 ? '\0' : quoted[0];
        return quote is '"' or '\'' && quoted[^1] == quote && !quoted[1..^1].Contains(quote)
            && XmlEscapes.TryUnescape(quoted[1..^1], out value);
    }
}
