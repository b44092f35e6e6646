using System.Collections.Immutable;

namespace ImSidecar.Protocol.ResourceLists;

/// <summary>A recipient list: the entries of a resource-lists document in order, RFC 4826 3 and RFC 5366 5.</summary>
public sealed record ResourceList(ImmutableArray<ResourceListEntry> Entries);

/// <summary>One recipient; the URI is the text of the document, not yet parsed.</summary>
public sealed record ResourceListEntry(
    string Uri, string? DisplayName = null, CopyControl? CopyControl = null, bool Anonymize = false)
{
    /// <summary>How many recipients an anonymous entry stands for, RFC 5364 4; null: itself.</summary>
    public int? Count { get; init; }
}
