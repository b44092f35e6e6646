using ImSidecar.Core.Deferred;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>
/// The database under <see cref="DeferredMessageStore"/>: writes batches, on one thread, and reads rows, on any. Throws
/// <see cref="StoreUnavailableException"/> when it cannot be reached.
/// </summary>
internal interface IDeferredEngine : IStoreWriter, IAsyncDisposable
{
    /// <summary>What it is and where, for the log.</summary>
    string Description { get; }

    /// <summary>To the nodes that have the same database.</summary>
    IWaitingNews News => NoOthers.Instance;

    /// <summary>In order; as many as both bounds allow, but one if there is any.</summary>
    ValueTask<IReadOnlyList<DeferredRow>> ReadAsync(
        string user, long after, int most, long mostBytes, long now, CancellationToken cancellation);

    ValueTask<DeferredRow?> FindAsync(string user, long number, CancellationToken cancellation);

    /// <summary>In order, without contents.</summary>
    ValueTask<IReadOnlyList<DeferredRow>> ListAsync(
        string user, long after, int most, long now, CancellationToken cancellation);

    ValueTask<DeferredCount> CountAsync(string user, CancellationToken cancellation);

    ValueTask<DeferredCount> CountAllAsync(CancellationToken cancellation);

    ValueTask<IReadOnlyList<string>> UsersAsync(string after, int most, CancellationToken cancellation);

    ValueTask<IReadOnlyList<NoticeRow>> NoticesAsync(int most, CancellationToken cancellation);
}

/// <summary>A notice as it is stored.</summary>
internal sealed record NoticeRow(long Number, int End, string Sender, string Recipient, byte[] Asked, long At);
