using System.Net.Sockets;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp.Transport;

/// <summary>Makes the connections of the legs that are the active side, RFC 4975 5.4, RFC 6135.</summary>
internal sealed class MsrpConnector(MsrpOptions options, TimeProvider clock, ILogger log) : IDisposable
{
    private readonly SocketConnectionContextFactory _contexts = new(new SocketConnectionFactoryOptions(), log);

    public static bool CanConnectTo(MsrpUri uri) =>
        !uri.IsSecure && uri.Transport.Equals("tcp", StringComparison.OrdinalIgnoreCase);

    /// <summary>The connection, or why there is none.</summary>
    public async Task<(ConnectionContext? Connection, string Reason)> TryConnectAsync(
        MsrpUri uri, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(uri.Host, uri.EffectivePort, either.Token).ConfigureAwait(false);
            return (_contexts.Create(socket), "");
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ArgumentException)
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            return (null, failure is SocketException refused ? refused.SocketErrorCode.ToString() : "timeout");
        }
    }

    public void Dispose() => _contexts.Dispose();
}
