namespace ImSidecar.Grpc;

/// <summary>One mapped method: its path, whether it lives on while the host stops, and its handler.</summary>
internal sealed record GrpcMethod(string Path, bool EndsWhenHostStops, Func<GrpcContext, Task> InvokeAsync);
