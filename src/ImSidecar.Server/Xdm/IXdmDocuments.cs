using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm;

/// <summary>The documents that the rules obey: those of the embedded XDMS, or of a remote one.</summary>
internal interface IXdmDocuments
{
    /// <summary>
    /// Raised once a change is durable, or learnt of: written, deleted, or no longer known. What was read holds until
    /// then. Also for the lookup by group URI of a group document. Handlers return at once and throw nothing.
    /// </summary>
    event Action<DocumentSelector>? Changed;

    /// <summary>
    /// The document, null when there is none; throws <see cref="XdmUnavailableException"/> when neither can be said.
    /// Fast when called again: an implementation that asks others keeps what it was told.
    /// </summary>
    ValueTask<XdmDocument?> ReadAsync(DocumentSelector selector, CancellationToken cancellation);
}

/// <summary>A document as it was read; ETag without quotes.</summary>
internal sealed record XdmDocument(DocumentSelector Selector, string ETag, ReadOnlyMemory<byte> Content)
{
    /// <summary>Whose document a group's is, as far as the XDMS tells.</summary>
    public string? Owner { get; init; } = Selector.User;
}

/// <summary>The XDMS does not answer, and what it said before is too old.</summary>
internal sealed class XdmUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
