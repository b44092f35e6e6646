namespace ImSidecar.Protocol.Xdm;

/// <summary>Finds what a node selector selects, RFC 4825 6.3.</summary>
public static class NodeSelection
{
    /// <summary>The one element that the first steps select; null when they select none or several.</summary>
    public static OutlineElement? Select(
        XmlOutline outline, NodeSelector selector, string defaultNamespace, int steps)
    {
        var selected = Matching([outline.Root], selector.Steps[0], defaultNamespace);
        for (var at = 1; at < steps && selected.Count > 0; at++)
        {
            var step = selector.Steps[at];
            selected = [.. selected.SelectMany(element => Matching(element.Children, step, defaultNamespace))];
        }

        return selected.Count == 1 ? selected[0] : null;
    }

    /// <summary>The one element that all steps select.</summary>
    public static OutlineElement? Select(XmlOutline outline, NodeSelector selector, string defaultNamespace) =>
        Select(outline, selector, defaultNamespace, selector.Steps.Length);

    public static OutlineAttribute? Attribute(OutlineElement element, NodeName name) =>
        element.Attributes.FirstOrDefault(
            each => each.Local == name.Local && each.Namespace == (name.Namespace ?? ""));

    /// <summary>Whether a step's name, without its predicates, is that of an element.</summary>
    internal static bool IsNamed(OutlineElement element, NodeStep step, string defaultNamespace) =>
        step.Name is not { } name || element.Is(name.Local, name.Namespace ?? defaultNamespace);

    private static List<OutlineElement> Matching(
        IReadOnlyList<OutlineElement> siblings, NodeStep step, string defaultNamespace)
    {
        var matching = new List<OutlineElement>();
        var position = 0;
        foreach (var element in siblings)
        {
            if (!IsNamed(element, step, defaultNamespace) || (step.Position is { } wanted && ++position != wanted))
                continue;

            if (step.Attribute is null || Attribute(element, step.Attribute)?.Value == step.AttributeValue)
                matching.Add(element);
        }

        return matching;
    }
}
