using System.Diagnostics;
using ImSidecar.Grpc.Health;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Stores;

/// <summary>Whether a store can be written. Set by its writers, which try again by themselves until they can.</summary>
internal sealed class StoreHealth(
    HealthBoard board, ILogger<StoreHealth> logger, string store = "The store (Store:Path)", string service = "")
{
    private TaskCompletionSource? _failing;
    private string _reason = "";
    private long _since;

    /// <summary>Of the store, in metrics.</summary>
    public string Label => service.Length == 0 ? "conferences" : "deferred";

    public bool IsFailing => Volatile.Read(ref _failing) is not null;

    /// <summary>Ends when the store can be written; has ended when it can.</summary>
    public Task WhenWell => Volatile.Read(ref _failing)?.Task ?? Task.CompletedTask;

    public void Fails(Exception error)
    {
        var failing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _failing, failing, null) is not null)
            return;

        _since = Stopwatch.GetTimestamp();
        _reason = error.Message;
        board.Set(service, false);
        Log.Failing(logger, store, error.Message);
    }

    /// <summary>It was tried again; another reason is told too.</summary>
    public void StillFails(Exception error)
    {
        if (Interlocked.Exchange(ref _reason, error.Message) != error.Message)
            Log.Failing(logger, store, error.Message);
    }

    public void IsWell()
    {
        if (Interlocked.Exchange(ref _failing, null) is not { } failing)
            return;

        board.Set(service, true);
        Log.WellAgain(logger, store, Stopwatch.GetElapsedTime(_since));
        failing.SetResult();
    }
}
