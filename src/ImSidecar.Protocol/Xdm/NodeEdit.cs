namespace ImSidecar.Protocol.Xdm;

/// <summary>
/// Puts and deletes elements and attributes in the text of a document, RFC 4825 8.2.3 to 8.3. What is not touched keeps
/// its every byte.
/// </summary>
public static class NodeEdit
{
    // How many places are tried for an element whose place only the schema knows.
    private const int MaxPlaces = 16;

    /// <summary>
    /// Replaces the element, or inserts it: at its position if it has one, else behind the last one of its name. If
    /// there is none, where the document is acceptable, and the last such place counts.
    /// </summary>
    public static NodeEditResult PutElement(
        XmlOutline document, NodeSelector selector, string ns, string body, Func<XmlOutline, bool> isAcceptable)
    {
        var current = NodeSelection.Select(document, selector, ns);
        if (current is not null)
        {
            if (!XmlOutline.TryReadFragment(body, current.Parent, out var replacement, out var error))
                return NodeEditResult.Refuse(error);

            var fragment = replacement.TextIn(body);
            var text = document.Text[..current.Start] + fragment + document.Text[current.End..];
            return Inserted(text, selector, ns, current.Start, fragment) is { } replaced
                ? replaced with { IsNew = false }
                : NodeEditResult.Refuse(XcapErrorKind.CannotInsert, "The selector would not select the new element");
        }

        if (selector.Steps.Length == 1)
            return NodeEditResult.Refuse(XcapErrorKind.CannotInsert, "A document has one root element");

        return NodeSelection.Select(document, selector, ns, selector.Steps.Length - 1) is { } parent
            ? Insert(document, selector, ns, body, parent, isAcceptable)
            : NoParent(document, selector, ns);
    }

    public static NodeEditResult DeleteElement(XmlOutline document, NodeSelector selector, string ns)
    {
        if (NodeSelection.Select(document, selector, ns) is not { } element)
            return NodeEditResult.Missing;

        if (element == document.Root)
            return NodeEditResult.Refuse(XcapErrorKind.SchemaValidationError, "A document has a root element");

        var text = document.Text.Remove(element.Start, element.End - element.Start);
        if (!XmlOutline.TryRead(text, out var next, out var error))
            return NodeEditResult.Refuse(error);

        return NodeSelection.Select(next, selector, ns) is null
            ? NodeEditResult.Done(next)
            : NodeEditResult.Refuse(XcapErrorKind.CannotDelete, "The selector would select another element then");
    }

    public static NodeEditResult PutAttribute(XmlOutline document, NodeSelector selector, string ns, string body)
    {
        if (NodeSelection.Select(document, selector, ns) is not { } element)
            return NoParent(document, selector, ns);

        if (!XmlEscapes.TryUnescape(body, out var value))
            return NodeEditResult.Refuse(XcapErrorKind.NotXmlAttributeValue, "The body is no value of an attribute");

        var name = selector.Attribute!;
        var quoted = "\"" + body.Replace("\"", "&quot;", StringComparison.Ordinal) + "\"";
        var current = NodeSelection.Attribute(element, name);
        string text;
        if (current is not null)
            text = document.Text[..(current.ValueStart - 1)] + quoted + document.Text[current.End..];
        else if (QualifiedName(element, name) is { } qualified)
            text = document.Text.Insert(element.NameEnd, $" {qualified}={quoted}");
        else
            return NodeEditResult.Refuse(XcapErrorKind.CannotInsert, "The document has no prefix for the attribute");

        if (!XmlOutline.TryRead(text, out var next, out _))
            return NodeEditResult.Refuse(XcapErrorKind.NotXmlAttributeValue, "The body is no value of an attribute");

        var written = NodeSelection.Select(next, selector, ns);
        return written is not null && NodeSelection.Attribute(written, name)?.Value == value
            ? NodeEditResult.Done(next) with { IsNew = current is null }
            : NodeEditResult.Refuse(XcapErrorKind.CannotInsert, "The selector would not select the new value");
    }

    public static NodeEditResult DeleteAttribute(XmlOutline document, NodeSelector selector, string ns)
    {
        if (NodeSelection.Select(document, selector, ns) is not { } element
            || NodeSelection.Attribute(element, selector.Attribute!) is not { } attribute)
            return NodeEditResult.Missing;

        var text = document.Text.Remove(attribute.Start, attribute.End - attribute.Start);
        return XmlOutline.TryRead(text, out var next, out var error)
            ? NodeEditResult.Done(next)
            : NodeEditResult.Refuse(error);
    }

    private static NodeEditResult Insert(
        XmlOutline document, NodeSelector selector, string ns, string body, OutlineElement parent,
        Func<XmlOutline, bool> isAcceptable)
    {
        if (!XmlOutline.TryReadFragment(body, parent, out var element, out var error))
            return NodeEditResult.Refuse(error);

        NodeEditResult? first = null;
        foreach (var place in Places(parent, selector.Steps[^1], element, ns))
        {
            var fragment = element.TextIn(body);
            var (text, start) = InsertAt(document.Text, parent, place, fragment);
            if (Inserted(text, selector, ns, start, fragment) is not { } result)
                continue;

            if (isAcceptable(result.Document!))
                return result;

            first ??= result;
        }

        return first
            ?? NodeEditResult.Refuse(XcapErrorKind.CannotInsert, "The selector would not select the new element");
    }

    /// <summary>Offsets, the best one first.</summary>
    private static IEnumerable<int> Places(OutlineElement parent, NodeStep step, OutlineElement element, string ns)
    {
        var siblings = parent.Children;
        if (step.Position is { } position)
        {
            OutlineElement[] named = [.. siblings.Where(each => NodeSelection.IsNamed(each, step, ns))];
            if (position == 0 || position > named.Length + 1)
                return [];

            if (named.Length > 0)
                return position <= named.Length ? [named[position - 1].Start] : [named[^1].End];
        }

        if (siblings.LastOrDefault(each => each.Is(element.Local, element.Namespace)) is { } last)
            return [last.End];

        return siblings.Reverse().Select(each => each.End).Take(MaxPlaces).Append(parent.ContentStart);
    }

    private static (string Text, int Start) InsertAt(string text, OutlineElement parent, int place, string fragment)
    {
        if (!parent.IsOneTag)
            return (text.Insert(place, fragment), place);

        var head = text[..(parent.End - 2)] + ">";
        var name = text[(parent.Start + 1)..parent.NameEnd];
        return ($"{head}{fragment}</{name}>{text[parent.End..]}", head.Length);
    }

    // RFC 4825 8.2.2: a GET of the same URI would give what was put.
    private static NodeEditResult? Inserted(
        string text, NodeSelector selector, string ns, int start, string fragment) =>
        XmlOutline.TryRead(text, out var next, out _)
        && NodeSelection.Select(next, selector, ns) is { } selected
        && selected.Start == start
        && selected.End == start + fragment.Length
            ? NodeEditResult.Done(next) with { IsNew = true }
            : null;

    private static NodeEditResult NoParent(XmlOutline document, NodeSelector selector, string ns)
    {
        var steps = selector.Steps.Length - 1;
        while (steps > 0 && NodeSelection.Select(document, selector, ns, steps) is null)
            steps--;
        return NodeEditResult.Refuse(XcapErrorKind.NoParent, "The parent is not there") with { ExistingSteps = steps };
    }

    private static string? QualifiedName(OutlineElement element, NodeName name)
    {
        if (name.Namespace is null)
            return name.Local;

        var prefix = name.Namespace == "http://www.w3.org/XML/1998/namespace" ? "xml"
            : element.NamespacesInScope().FirstOrDefault(each => each.Value == name.Namespace && each.Key != "").Key;
        return prefix is null ? null : prefix + ":" + name.Local;
    }
}

/// <summary>A changed document, or why there is none.</summary>
public sealed record NodeEditResult
{
    public static NodeEditResult Missing { get; } = new();

    /// <summary>The document with the change; null when there is none.</summary>
    public XmlOutline? Document { get; private init; }

    /// <summary>Why not; null beside a missing document means that the node is not there.</summary>
    public XcapError? Error { get; private init; }

    public bool IsNew { get; init; }

    /// <summary>With no-parent: how many steps of the selector exist.</summary>
    public int ExistingSteps { get; init; }

    internal static NodeEditResult Done(XmlOutline document) => new() { Document = document };

    internal static NodeEditResult Refuse(XcapError error) => new() { Error = error };

    internal static NodeEditResult Refuse(XcapErrorKind kind, string phrase) => Refuse(new(kind, phrase));
}
