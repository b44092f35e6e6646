namespace ImSidecar.Grpc;

/// <summary>How a call ended: the code and a text for people, sent as grpc-status and grpc-message.</summary>
public readonly record struct GrpcStatus(GrpcStatusCode Code, string Message = "")
{
    public static GrpcStatus Ok { get; } = new(GrpcStatusCode.Ok);
}
