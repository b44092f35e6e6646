using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Stores;

/// <summary>One save on its way to the disk. Who writes it sets <see cref="IsSaved"/>.</summary>
internal sealed class ConferenceSave(AggregateId id, long expectedRevision, StoredChanges changes)
{
    private readonly TaskCompletionSource<bool> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AggregateId Id => id;

    public long ExpectedRevision => expectedRevision;

    public StoredChanges Changes => changes;

    /// <summary>False when the stored revision is not the expected one.</summary>
    public bool IsSaved { get; set; }

    public Task<bool> Outcome => _outcome.Task;

    public void Complete() => _outcome.TrySetResult(IsSaved);

    public void Fail(Exception error) => _outcome.TrySetException(error);
}
