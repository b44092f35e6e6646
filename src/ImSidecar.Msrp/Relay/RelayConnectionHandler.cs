using Microsoft.AspNetCore.Connections;

namespace ImSidecar.Msrp.Relay;

/// <summary>Kestrel's way in: each accepted connection goes to the relay.</summary>
public sealed class RelayConnectionHandler : ConnectionHandler
{
    private readonly RelayServer _relay;

    internal RelayConnectionHandler(RelayServer relay) => _relay = relay;

    public override Task OnConnectedAsync(ConnectionContext connection) => _relay.ServeAsync(connection);
}
