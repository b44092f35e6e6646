using System.Collections.Immutable;
using System.Text;
using System.Xml;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Prefixes of a node selector, from the query of the URI: xmlns(p=uri), RFC 4825 6.4.</summary>
public sealed record NamespaceBindings(ImmutableDictionary<string, string> Prefixes, string Query)
{
    public const int MaxBindings = 32;
    private const string Scheme = "xmlns(";

    public static NamespaceBindings None { get; } = new(ImmutableDictionary<string, string>.Empty, "");

    /// <summary>The query as on the wire. Parts with another scheme than xmlns are refused: we know none.</summary>
    public static bool TryParse(ReadOnlySpan<char> query, out NamespaceBindings bindings)
    {
        bindings = None;
        if (query.IsEmpty)
            return true;

        if (!XcapEscape.TryUnescape(query, out var text))
            return false;

        var prefixes = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == ' ')
            {
                at++;
                continue;
            }

            if (prefixes.Count == MaxBindings
                || !text.AsSpan(at).StartsWith(Scheme, StringComparison.Ordinal)
                || !TryReadPart(text, at + Scheme.Length, out var part, out at)
                || !TryBind(part, prefixes))
                return false;
        }

        bindings = new(prefixes.ToImmutable(), query.ToString());
        return true;
    }

    // "^" escapes parentheses and itself; those that are balanced need no escape.
    private static bool TryReadPart(string text, int at, out string part, out int end)
    {
        var content = new StringBuilder();
        var depth = 0;
        part = "";
        for (end = at; end < text.Length; end++)
        {
            var c = text[end];
            if (c == ')' && depth == 0)
            {
                end++;
                part = content.ToString();
                return true;
            }

            if (c == '^' && ++end == text.Length)
                return false;

            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            content.Append(text[end]);
        }

        return false;
    }

    private static bool TryBind(string part, ImmutableDictionary<string, string>.Builder prefixes)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            return false;

        var prefix = part[..equals].Trim();
        var uri = part[(equals + 1)..].Trim();
        if (!NodeName.IsNcName(prefix) || uri.Length == 0 || prefix is "xml" or "xmlns")
            return false;

        return prefixes.TryAdd(prefix, uri);
    }
}

/// <summary>
/// A name in a node selector. A null namespace is that of the application usage for an element, none for an attribute.
/// </summary>
public sealed record NodeName(string? Namespace, string Local)
{
    private const string XmlNamespace = "http://www.w3.org/XML/1998/namespace";

    internal static bool TryParse(string text, NamespaceBindings bindings, out NodeName name)
    {
        name = null!;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var local = text[(colon + 1)..];
        if (!IsNcName(local))
            return false;

        string? uri = null;
        if (colon >= 0 && text[..colon] == "xml")
            uri = XmlNamespace;
        else if (colon >= 0 && !bindings.Prefixes.TryGetValue(text[..colon], out uri))
            return false;

        name = new(uri, local);
        return true;
    }

    internal static bool IsNcName(string text)
    {
        if (text.Length == 0 || !XmlConvert.IsStartNCNameChar(text[0]))
            return false;

        foreach (var c in text)
        {
            if (!XmlConvert.IsNCNameChar(c))
                return false;
        }

        return true;
    }
}
