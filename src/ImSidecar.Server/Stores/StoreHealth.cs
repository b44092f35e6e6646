using System.Diagnostics;
using ImSidecar.Grpc.Health;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Stores;

/// <summary>Whether a store can be written. Set by its one writer, which tries again by itself until it can.</summary>
internal sealed class StoreHealth(
    HealthBoard board, ILogger<StoreHealth> logger, string store = "The store (Store:Path)", string service = "")
{
    private TaskCompletionSource? _failing;
    private long _since;

    /// <summary>Of the store, in metrics.</summary>
    public string Label => service.Length == 0 ? "conferences" : "deferred";

    public bool IsFailing => Volatile.Read(ref _failing) is not null;

    /// <summary>Ends when the store can be written; has ended when it can.</summary>
    public Task WhenWell => Volatile.Read(ref _failing)?.Task ?? Task.CompletedTask;

    public void Fails(Exception error)
    {
        if (IsFailing)
            return;

        _since = Stopwatch.GetTimestamp();
        Volatile.Write(ref _failing, new(TaskCreationOptions.RunContinuationsAsynchronously));
        board.Set(service, false);
        Log.Failing(logger, store, error.Message);
    }

    public void IsWell()
    {
        if (Volatile.Read(ref _failing) is not { } failing)
            return;

        Volatile.Write(ref _failing, null);
        board.Set(service, true);
        Log.WellAgain(logger, store, Stopwatch.GetElapsedTime(_since));
        failing.SetResult();
    }
}
