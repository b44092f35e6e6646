using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Stores;

/// <summary>Keeps the documents of the embedded XDMS; a write is durable when it is answered.</summary>
internal interface IDocumentStore
{
    /// <summary>
    /// Another node has changed these, also as lookups by group URI; null: perhaps all. Raised after what the store
    /// answers is as new, by one thread at a time.
    /// </summary>
    event Action<IReadOnlyList<DocumentSelector>?>? ChangedElsewhere
    {
        add { }
        remove { }
    }

    ValueTask<StoredDocument?> ReadAsync(DocumentSelector selector, CancellationToken cancellation);

    /// <summary>The document that holds the group with this address key.</summary>
    ValueTask<StoredDocument?> FindGroupAsync(string addressKey, CancellationToken cancellation);

    /// <summary>What a user has, without contents, in the order of usage and path; null: in every usage.</summary>
    ValueTask<IReadOnlyList<DocumentEntry>> ListAsync(string user, string? auid, CancellationToken cancellation);

    /// <summary>Groups behind that one, of one owner or with null of all, in the order of their address keys.</summary>
    ValueTask<IReadOnlyList<GroupOfDocument>> ListGroupsAsync(
        string? owner, string after, int most, CancellationToken cancellation);

    /// <summary>
    /// Writes or deletes in one step with the check that the document is still the one with the expected ETag, that
    /// no other document holds one of its group URIs, and that its owner stays within his quota.
    /// </summary>
    ValueTask<DocumentOutcome> WriteAsync(DocumentWrite write, CancellationToken cancellation);
}

/// <summary>What there is to know of a document without reading it; ETag without quotes.</summary>
internal sealed record DocumentEntry(DocumentSelector Selector, string ETag, DateTimeOffset Modified, long Size);

/// <summary>A group and the document that holds it.</summary>
internal sealed record GroupOfDocument(string Group, DocumentEntry Document);

/// <summary>A document as it is stored.</summary>
internal sealed record StoredDocument(DocumentEntry Entry, ReadOnlyMemory<byte> Content);

/// <summary>A document as it is to be.</summary>
internal sealed record DocumentWrite
{
    public required DocumentSelector Selector { get; init; }

    /// <summary>Of the document that is replaced or deleted; null when there must be none.</summary>
    public required string? ExpectedETag { get; init; }

    /// <summary>Null deletes.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    public string ETag { get; init; } = "";

    public DateTimeOffset Modified { get; init; }

    /// <summary>Address keys of the groups in it.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    public DocumentQuota Quota { get; init; } = DocumentQuota.None;
}

/// <summary>What one user may keep.</summary>
internal sealed record DocumentQuota(int Documents, long Bytes, int Groups)
{
    public static DocumentQuota None { get; } = new(int.MaxValue, long.MaxValue, int.MaxValue);
}

/// <summary>How a write ended; the groups that the document held before it, and which URI another one holds.</summary>
internal sealed record DocumentOutcome(
    DocumentResult Result, IReadOnlyList<string> FormerGroups, string? TakenGroup = null)
{
    public static DocumentOutcome Of(DocumentResult result) => new(result, []);
}

internal enum DocumentResult
{
    Written,

    /// <summary>Somebody else wrote the document meanwhile.</summary>
    Changed,

    /// <summary>Another document holds one of the group URIs.</summary>
    GroupTaken,
    TooManyDocuments,
    TooManyBytes,
    TooManyGroups,
}
