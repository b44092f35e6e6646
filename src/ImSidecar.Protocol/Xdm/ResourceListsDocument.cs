using System.Collections.Immutable;

namespace ImSidecar.Protocol.Xdm;

/// <summary>A resource-lists document as a user keeps it, RFC 4826 3; URIs are the text of the document.</summary>
public sealed record ResourceListsDocument(ImmutableArray<NamedList> Lists)
{
    public const int MaxItems = 20_000;
}

/// <summary>A list and what it holds, in document order.</summary>
public sealed record NamedList(string? Name, string? DisplayName, ImmutableArray<ListItem> Items);
