using ImSidecar.Grpc;

namespace ImSidecar.Server.Admin;

/// <summary>Marks a connection of the admin socket: endpoints are mapped for all sockets, Kamailio's too.</summary>
internal sealed class AdminConnection
{
    public static readonly AdminConnection Mark = new();

    private AdminConnection()
    {
    }

    public static void Require(GrpcContext context)
    {
        if (context.Http.Features.Get<AdminConnection>() is null)
            throw new GrpcStatusException(GrpcStatusCode.PermissionDenied, "Not on this socket");
    }
}
