using System.Net.Sockets;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp;

/// <summary>Makes the connections of the legs that are the active side, RFC 4975 5.4, RFC 6135.</summary>
internal sealed class MsrpConnector(MsrpOptions options, TimeProvider clock, ILogger log) : IDisposable
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);

    private readonly SocketConnectionContextFactory _contexts = new(new SocketConnectionFactoryOptions(), log);

    /// <summary>Null when it failed as often as is allowed; why is in the log.</summary>
    public async Task<ConnectionContext?> ConnectAsync(MsrpUri uri, CancellationToken cancellation)
    {
        if (uri.IsSecure || !uri.Transport.Equals("tcp", StringComparison.OrdinalIgnoreCase))
        {
            log.ConnectFailed(uri, "only msrp over tcp can be connected to");
            return null;
        }

        for (var attempt = 1; ; attempt++)
        {
            if (await TryConnectAsync(uri, cancellation).ConfigureAwait(false) is { } socket)
                return _contexts.Create(socket);

            if (attempt == options.ConnectAttempts)
                return null;

            await Task.Delay(_firstPause * (1 << Math.Min(attempt - 1, 5)), clock, cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose() => _contexts.Dispose();

    private async Task<Socket?> TryConnectAsync(MsrpUri uri, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(uri.Host, uri.EffectivePort, either.Token).ConfigureAwait(false);
            return socket;
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ArgumentException)
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            log.ConnectFailed(uri, failure is SocketException refused ? refused.SocketErrorCode.ToString() : "timeout");
            return null;
        }
    }
}
