using ImSidecar.Grpc.Health.V1;
using static ImSidecar.Grpc.Health.V1.HealthCheckResponse.Types;

namespace ImSidecar.Grpc.Health;

/// <summary>grpc.health.v1.Health: Check and Watch over the board.</summary>
internal sealed class HealthService(HealthBoard board)
{
    public const string Name = "grpc.health.v1.Health";

    // A service name; nothing longer is ever set.
    private const int MaxRequestBytes = 4096;

    public void Configure(GrpcServiceBuilder service)
    {
        service.MaxMessageBytes = MaxRequestBytes;
        service.Unary<HealthCheckRequest, HealthCheckResponse>("Check", HealthCheckRequest.Parser, CheckAsync);
        service.ServerStreaming<HealthCheckRequest, HealthCheckResponse>(
            "Watch", HealthCheckRequest.Parser, WatchAsync);
    }

    private Task<HealthCheckResponse> CheckAsync(HealthCheckRequest request, GrpcContext context)
    {
        if (board.Look(request.Service).Status is not { } status)
            throw new GrpcStatusException(GrpcStatusCode.NotFound, "Unknown service");

        return Task.FromResult(new HealthCheckResponse { Status = status });
    }

    private async Task WatchAsync(
        HealthCheckRequest request, GrpcWriter<HealthCheckResponse> writer, GrpcContext context)
    {
        ServingStatus? told = null;
        while (true)
        {
            var (known, changed) = board.Look(request.Service);
            var status = known ?? ServingStatus.ServiceUnknown;
            if (status != told)
            {
                await writer.WriteAsync(new HealthCheckResponse { Status = status });
                await writer.FlushAsync();
                told = status;
            }

            await changed.WaitAsync(context.Cancellation);
        }
    }
}
