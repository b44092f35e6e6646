using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>Listens for the relay alone: its sockets are run in a way that gRPC's and the switch's are not.</summary>
internal sealed class RelayListenerFactory(
    IOptions<RelayOptions> relay, IOptionsFactory<SocketTransportOptions> options, ILoggerFactory logs)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets = new(
        Options.Create(RelaySockets.Inbound(options.Create(Options.DefaultName))), logs);

    public bool CanBind(EndPoint endpoint) =>
        endpoint.Equals(relay.Value.ListenEndPoint) || endpoint.Equals(relay.Value.TlsListenEndPoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        _sockets.BindAsync(endpoint, cancellationToken);
}
