namespace ImSidecar.Grpc;

/// <summary>Ends a call with a status other than OK; its message goes to the peer.</summary>
public sealed class GrpcStatusException(GrpcStatusCode code, string message) : Exception(message)
{
    public GrpcStatusCode Code { get; } = code;

    public GrpcStatus Status => new(Code, Message);
}
