using ImSidecar.Grpc.Health.V1;

namespace ImSidecar.Grpc.Health;

/// <summary>Which services serve, as grpc.health.v1 tells it; the empty name is the server as a whole.</summary>
public sealed class HealthBoard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HealthCheckResponse.Types.ServingStatus> _statuses = [];
    private TaskCompletionSource _changed = NewSignal();

    public void Set(string service, bool serving)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            _statuses[service] = serving
                ? HealthCheckResponse.Types.ServingStatus.Serving
                : HealthCheckResponse.Types.ServingStatus.NotServing;
            signal = _changed;
            _changed = NewSignal();
        }

        signal.SetResult();
    }

    /// <summary>The status, null if the service is unknown, and a task that ends with the next change.</summary>
    internal (HealthCheckResponse.Types.ServingStatus? Status, Task Changed) Look(string service)
    {
        lock (_gate)
            return (_statuses.TryGetValue(service, out var status) ? status : null, _changed.Task);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
