using System.Collections.Immutable;

namespace ImSidecar.Protocol.Xdm;

/// <summary>
/// What an external or an entry-ref of RFC 4826 points to: a list or an entry within a resource-lists document.
/// </summary>
/// <param name="Root">The XCAP root with its slash; empty for a relative reference.</param>
/// <param name="Lists">From the root of the document to the list.</param>
/// <param name="Entry">The entry of that list, null for the list itself.</param>
public sealed record ListReference(
    string Root, DocumentSelector Document, ImmutableArray<ListStep> Lists, ListStep? Entry)
{
    public const int MaxLength = 2048;

    public static bool TryParse(string text, out ListReference reference)
    {
        reference = null!;
        if (text.Length > MaxLength
            || !XcapUri.TryParseReference(text, out var root, out var uri)
            || uri.Document.Auid != ApplicationUsage.ResourceLists
            || uri.Node is not { Attribute: null, SelectsNamespaces: false, Steps: [var first, .. var rest] }
            || !IsElement(first, "resource-lists") || first is not { Position: null or 1, Attribute: null }
            || !TryRead(rest, out var lists, out var entry))
            return false;

        reference = new(root, uri.Document, lists, entry);
        return true;
    }

    /// <summary>The same for two spellings of a reference; unescaped, for logs and keys.</summary>
    public override string ToString() =>
        string.Join('/', [$"{Document}/~~/resource-lists", .. Lists.Select(step => step.ToString("list", "name"))])
        + (Entry is { } entry ? "/" + entry.ToString("entry", "uri") : "");

    private static bool TryRead(
        ImmutableArray<NodeStep> steps, out ImmutableArray<ListStep> lists, out ListStep? entry)
    {
        lists = [];
        entry = null;
        if (steps is [.. var before, var last] && IsElement(last, "entry"))
        {
            steps = before;
            entry = new(last.Position, ValueOf(last));
            if (!IsKeyedBy(last, "uri"))
                return false;
        }

        if (steps.IsEmpty || !steps.All(step => IsElement(step, "list") && IsKeyedBy(step, "name")))
            return false;

        lists = [.. steps.Select(step => new ListStep(step.Position, ValueOf(step)))];
        return true;
    }

    private static bool IsElement(NodeStep step, string name) =>
        step.Name is { Namespace: null or XdmNames.ResourceLists } of && of.Local == name;

    private static bool IsKeyedBy(NodeStep step, string attribute) =>
        step.Attribute is null || step.Attribute == new NodeName(null, attribute);

    private static string? ValueOf(NodeStep step) => step.Attribute is null ? null : step.AttributeValue;
}

/// <summary>One among its siblings: by position, by its name or URI, or by both.</summary>
public readonly record struct ListStep(int? Position, string? Key)
{
    public string ToString(string element, string attribute) =>
        element
        + (Position is { } position ? $"[{position}]" : "") + (Key is null ? "" : $"[@{attribute}=\"{Key}\"]");
}
