namespace ImSidecar.Protocol.Xdm;

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
