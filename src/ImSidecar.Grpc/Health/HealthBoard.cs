using ImSidecar.Grpc.Health.V1;

namespace ImSidecar.Grpc.Health;

/// <summary>Which services serve, as grpc.health.v1 tells it; the empty name is the server as a whole.</summary>
public sealed class HealthBoard
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, HealthCheckResponse.Types.ServingStatus> statuses = [];
    private TaskCompletionSource changed = NewSignal();

    public void Set(string service, bool serving)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            statuses[service] = serving
                ? HealthCheckResponse.Types.ServingStatus.Serving
                : HealthCheckResponse.Types.ServingStatus.NotServing;
            signal = changed;
            changed = NewSignal();
        }

        signal.SetResult();
    }

    /// <summary>The status, null if the service is unknown, and a task that ends with the next change.</summary>
    internal (HealthCheckResponse.Types.ServingStatus? Status, Task Changed) Look(string service)
    {
        lock (gate)
            return (statuses.TryGetValue(service, out var status) ? status : null, changed.Task);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
