using System.Collections.Immutable;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Rules;

/// <summary>
/// What comes of following references: the resolved documents, or the documents that must be loaded before they are.
/// </summary>
public sealed record Expansion<T>(T? Resolved, ImmutableArray<DocumentSelector> Missing)
    where T : class;

/// <summary>A document that something refers to, as it was loaded.</summary>
/// <param name="Lists">Null when it cannot be used.</param>
/// <param name="Problem">Why not; null when there is no such document.</param>
public sealed record ReferencedDocument(ResourceListsDocument? Lists, string? Problem = null);
