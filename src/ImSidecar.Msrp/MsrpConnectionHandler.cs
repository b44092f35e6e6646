using Microsoft.AspNetCore.Connections;

namespace ImSidecar.Msrp;

/// <summary>Kestrel's way in: each accepted connection goes to the switch.</summary>
public sealed class MsrpConnectionHandler : ConnectionHandler
{
    private readonly MsrpSwitch _switch;

    internal MsrpConnectionHandler(MsrpSwitch theSwitch) => _switch = theSwitch;

    public override Task OnConnectedAsync(ConnectionContext connection) => _switch.ServeAsync(connection);
}
