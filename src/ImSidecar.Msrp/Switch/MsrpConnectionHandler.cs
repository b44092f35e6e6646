using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ImSidecar.Msrp.Switch;

/// <summary>Kestrel's way in: each accepted connection goes to the switch.</summary>
public sealed class MsrpConnectionHandler : ConnectionHandler
{
    private readonly MsrpSwitch _switch;

    internal MsrpConnectionHandler(MsrpSwitch theSwitch) => _switch = theSwitch;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        // A stopping server waits for nobody to hang up: MSRP peers never do, and connect again.
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested;
        using var registration = (stopping ?? default).Register(connection.Abort);
        await _switch.ServeAsync(connection).ConfigureAwait(false);
    }
}
