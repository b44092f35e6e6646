using System.Globalization;
using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Msrp.V1;
using ImSidecar.Server.Admin;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server.Plane;

/// <summary>Tells imsidecarctl of switch and relay where they run, and ends sessions of the relay.</summary>
internal sealed class MsrpAdmin(IMsrpLegs legs, IMsrpRelay relay, IServiceProvider services)
{
    private const int Most = 200;

    public Task<MsrpStatusResponse> StatusAsync(MsrpStatusRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var sidecar = services.GetService<SidecarDesk>()?.Current;
        var sessions = legs.SessionIds;
        return Task.FromResult(new MsrpStatusResponse
        {
            Version = ProductVersion.Text,
            Attached = sidecar is not null,
            Node = sidecar?.Node ?? "",
            Legs = (uint)sessions.Count,
            ConnectedLegs = (uint)sessions.Count(legs.IsConnected),
            Connections = (uint)legs.Connections,
            RelaySessions = (uint)relay.Count,
        });
    }

    public Task<ListRelaySessionsResponse> ListRelaySessionsAsync(
        ListRelaySessionsRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        var answer = new ListRelaySessionsResponse();
        foreach (var session in relay.List(request.User, request.After, Most))
        {
            answer.Sessions.Add(new RelaySessionEntry
            {
                Number = session.Number,
                User = session.User,
                Address = session.Address,
                ExpiresAt = session.ExpiresAt.ToUnixTimeSeconds(),
            });
        }

        return Task.FromResult(answer);
    }

    public Task<EndRelaySessionResponse> EndRelaySessionAsync(EndRelaySessionRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        return relay.End(request.Number)
            ? Task.FromResult(new EndRelaySessionResponse())
            : throw new GrpcStatusException(
                GrpcStatusCode.NotFound,
                string.Create(CultureInfo.InvariantCulture, $"There is no relay session {request.Number}"));
    }
}
