using System.Xml;

namespace ImSidecar.Protocol.Xdm;

/// <summary>An element and where it stands: offsets in the text of its document.</summary>
public sealed class OutlineElement
{
    private List<OutlineElement>? _children;
    private List<OutlineAttribute>? _attributes;
    private Dictionary<string, string>? _declared;

    public OutlineElement? Parent { get; init; }

    public string Prefix { get; internal set; } = "";

    public string Local { get; internal set; } = "";

    public string Namespace { get; internal set; } = "";

    /// <summary>Of its "&lt;".</summary>
    public int Start { get; internal set; }

    /// <summary>Behind its name.</summary>
    public int NameEnd { get; internal set; }

    /// <summary>Behind the "&gt;" of its start tag.</summary>
    public int ContentStart { get; internal set; }

    /// <summary>Where its end tag begins; <see cref="ContentStart"/> when the start tag is all there is.</summary>
    public int ContentEnd { get; internal set; }

    /// <summary>Behind its last "&gt;".</summary>
    public int End { get; internal set; }

    /// <summary>It is written as one tag.</summary>
    public bool IsOneTag => ContentStart == End;

    public IReadOnlyList<OutlineElement> Children => _children ?? (IReadOnlyList<OutlineElement>)[];

    public IReadOnlyList<OutlineAttribute> Attributes => _attributes ?? (IReadOnlyList<OutlineAttribute>)[];

    /// <summary>The value of an attribute without namespace; null when there is none.</summary>
    public string? Attribute(string local) =>
        Attributes.FirstOrDefault(each => each.Local == local && each.Namespace.Length == 0)?.Value;

    public bool Is(string local, string ns) => Local == local && Namespace == ns;

    public string TextIn(string document) => document[Start..End];

    /// <summary>The prefixes that hold within it, "" for the default; the innermost declaration counts.</summary>
    public IReadOnlyDictionary<string, string> NamespacesInScope()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var element = this; element is not null; element = element.Parent)
        {
            foreach (var (prefix, uri) in element._declared ?? [])
                found.TryAdd(prefix, uri);
        }

        return found;
    }

    /// <summary>The namespace that a prefix has here; null when it has none.</summary>
    internal string? Resolve(string prefix)
    {
        for (var element = this; element is not null; element = element.Parent)
        {
            if (element._declared?.TryGetValue(prefix, out var uri) == true)
                return uri;
        }

        return prefix switch
        {
            "" => "",
            "xml" => "http://www.w3.org/XML/1998/namespace",
            _ => null,
        };
    }

    internal XmlNamespaceManager Manager()
    {
        var manager = new XmlNamespaceManager(new NameTable());
        foreach (var (prefix, uri) in NamespacesInScope())
            manager.AddNamespace(prefix, uri);
        return manager;
    }

    internal void Add(OutlineElement child) => (_children ??= []).Add(child);

    internal void Add(OutlineAttribute attribute) => (_attributes ??= []).Add(attribute);

    internal void Declare(string prefix, string uri) => (_declared ??= new(StringComparer.Ordinal))[prefix] = uri;
}

/// <summary>An attribute, from the space before it to its last quote; declarations of namespaces are none.</summary>
public sealed record OutlineAttribute(
    string Prefix, string Local, string Namespace, string Value, int Start, int ValueStart, int End);
