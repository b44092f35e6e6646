namespace ImSidecar.Server.Stores;

/// <summary>One write on its way to the disk. Who writes it sets <see cref="IsSaved"/>.</summary>
internal abstract class StoreWrite
{
    private readonly TaskCompletionSource<bool> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It continues what is begun, and goes before what begins something new.</summary>
    public abstract bool IsOfExisting { get; }

    /// <summary>False when what is stored is not what the writer had read.</summary>
    public bool IsSaved { get; set; }

    public Task<bool> Outcome => _outcome.Task;

    public void Complete() => _outcome.TrySetResult(IsSaved);

    public void Fail(Exception error) => _outcome.TrySetException(error);
}
