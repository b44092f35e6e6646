using System.Collections.Immutable;

namespace ImSidecar.Protocol.Xdm;

/// <summary>What became of XCAP documents, RFC 5874: whole documents by their ETags, never contents.</summary>
/// <param name="Root">The XCAP root that the selectors are relative to.</param>
public sealed record XcapDiff(string Root, ImmutableArray<DocumentDiff> Documents);

/// <summary>One document: no previous ETag when it is new or told at first, no new one when it is gone.</summary>
/// <param name="Selector">The document below the root, escaped as in a URI.</param>
public sealed record DocumentDiff(string Selector, string? PreviousETag, string? NewETag);
