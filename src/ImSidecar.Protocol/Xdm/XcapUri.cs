using System.Collections.Immutable;

namespace ImSidecar.Protocol.Xdm;

/// <summary>An XCAP URI without its root, RFC 4825 6: a document, or a node of it.</summary>
/// <param name="Document">Which document, in canonical form.</param>
/// <param name="Node">Which element or attribute of it; null for the whole document.</param>
public sealed record XcapUri(DocumentSelector Document, NodeSelector? Node)
{
    public const int MaxLength = 8192;
    public const int MaxSegments = 64;
    private const string Separator = "~~";

    /// <summary>
    /// Reads what follows the root, as on the wire: escaped, with the query. Each segment is unescaped once, after the
    /// path was split.
    /// </summary>
    public static XcapUriResult Parse(ReadOnlySpan<char> target, out XcapUri uri)
    {
        uri = null!;
        var question = target.IndexOf('?');
        var path = question < 0 ? target : target[..question];
        var query = question < 0 ? [] : target[(question + 1)..];
        if (target.Length > MaxLength || !TrySplit(path, out var segments))
            return XcapUriResult.Malformed;

        var separator = segments.IndexOf(Separator);
        var document = separator < 0 ? segments : segments[..separator];
        var result = DocumentSelector.Parse(document, out var selector);
        if (result != XcapUriResult.Ok)
            return result;

        if (!NamespaceBindings.TryParse(query, out var bindings))
            return XcapUriResult.Malformed;

        NodeSelector? node = null;
        if (separator >= 0 && !TryParseNode(path, separator, bindings, out node))
            return XcapUriResult.Malformed;

        uri = new(selector, node);
        return XcapUriResult.Ok;
    }

    /// <summary>Reads a reference whatever its root.</summary>
    public static bool TryParseReference(ReadOnlySpan<char> text, out XcapUri uri) =>
        TryParseReference(text, out _, out uri);

    /// <summary>
    /// Reads a reference in a document: an absolute URI below any root, or one relative to a root. The root is what
    /// stands before the application usage; empty for a relative reference.
    /// </summary>
    public static bool TryParseReference(ReadOnlySpan<char> text, out string root, out XcapUri uri)
    {
        var whole = text;
        root = "";
        uri = null!;
        var scheme = text.IndexOf("://");
        if (scheme >= 0)
        {
            var slash = text[(scheme + 3)..].IndexOf('/');
            if (slash < 0)
                return false;

            text = text[(scheme + 3 + slash)..];
        }

        // The usage stands before the first "users" or "global".
        var tree = FirstOf(text.IndexOf("/users/"), text.IndexOf("/global/"));
        if (tree <= 0)
            return false;

        var below = text[(text[..tree].LastIndexOf('/') + 1)..];
        root = whole[..^below.Length].ToString();
        return Parse(below, out uri) == XcapUriResult.Ok;
    }

    /// <summary>The document below a root, escaped; without a leading slash.</summary>
    public static string Write(DocumentSelector document)
    {
        var head = document.IsGlobal ? "/global/" : "/users/" + XcapEscape.Escape(document.User!) + "/";
        return XcapEscape.Escape(document.Auid) + head + (document.GroupKey is { } group
            ? ApplicationUsage.ByGroup + XcapEscape.Escape(group)
            : string.Join('/', document.Path.Split('/').Select(XcapEscape.Escape)));
    }

    /// <summary>Document and node below a root, escaped; without a leading slash.</summary>
    public override string ToString() => Node is null ? Write(Document)
        : Write(Document) + "/" + Separator + "/" + Node.Escaped;

    private static int FirstOf(int users, int global) =>
        users < 0 ? global : global < 0 ? users : Math.Min(users, global);

    private static bool TrySplit(ReadOnlySpan<char> path, out ImmutableArray<string> segments)
    {
        segments = [];
        if (path.StartsWith('/'))
            path = path[1..];

        var list = ImmutableArray.CreateBuilder<string>();
        foreach (var range in path.Split('/'))
        {
            if (list.Count == MaxSegments || !XcapEscape.TryUnescape(path[range], out var segment))
                return false;

            list.Add(segment);
        }

        segments = list.ToImmutable();
        return true;
    }

    // Unescaped as a whole: a slash within a quoted value is no separator, escaped or not.
    private static bool TryParseNode(
        ReadOnlySpan<char> path, int separator, NamespaceBindings bindings, out NodeSelector? node)
    {
        node = null;
        if (path.StartsWith('/'))
            path = path[1..];

        for (var skip = 0; skip <= separator; skip++)
        {
            var slash = path.IndexOf('/');
            if (slash < 0)
                return false;

            path = path[(slash + 1)..];
        }

        return XcapEscape.TryUnescape(path, out var text) && NodeSelector.TryParse(text, bindings, out node);
    }
}

/// <summary>What an XCAP URI turned out to be.</summary>
public enum XcapUriResult
{
    Ok,

    /// <summary>Syntax: 400.</summary>
    Malformed,

    /// <summary>It can name no document: 404.</summary>
    NoDocument,
}
