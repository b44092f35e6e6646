using System.Collections.Immutable;

namespace ImSidecar.Protocol.Xdm;

/// <summary>A resource-lists document as a user keeps it, RFC 4826 3; URIs are the text of the document.</summary>
public sealed record ResourceListsDocument(ImmutableArray<NamedList> Lists)
{
    public const int MaxItems = 20_000;
}

/// <summary>A list and what it holds, in document order.</summary>
public sealed record NamedList(string? Name, string? DisplayName, ImmutableArray<ListItem> Items);

/// <summary>What stands in a list, RFC 4826 3.1.</summary>
public abstract record ListItem
{
    private protected ListItem()
    {
    }
}

/// <summary>A user.</summary>
public sealed record ListEntry(string Uri, string? DisplayName) : ListItem;

/// <summary>A user of another list, named relative to the XCAP root.</summary>
public sealed record ListEntryReference(string Reference) : ListItem;

/// <summary>Another list, named by an absolute URI.</summary>
public sealed record ExternalList(string Anchor) : ListItem;

/// <summary>A list within the list.</summary>
public sealed record NestedList(NamedList List) : ListItem;
