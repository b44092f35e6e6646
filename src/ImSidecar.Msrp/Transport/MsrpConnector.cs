using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;

namespace ImSidecar.Msrp.Transport;

/// <summary>Makes connections to where an MSRP URI leads, RFC 4975 5.4, RFC 6135: TCP, or TLS for msrps.</summary>
/// <param name="timeout">How long one try may take, handshake included.</param>
/// <param name="allows">Whether to connect to an address of that host and port; null: to any.</param>
internal sealed class MsrpConnector(
    TlsIdentity tls, TimeSpan timeout, TimeProvider clock,
    Func<string, IPAddress, int, bool>? allows = null, SocketLiveness? liveness = null)
{
    public const string NotAllowed = "not allowed";

    /// <summary>Nobody can connect to a browser: who is there by WebSocket connects himself, RFC 7977.</summary>
    public static bool CanConnectTo(MsrpUri uri) => uri.Transport.Equals("tcp", StringComparison.OrdinalIgnoreCase);

    /// <summary>The connection, or why there is none.</summary>
    /// <param name="fingerprints">With TLS: of the peer's certificate; none: he is known by his name.</param>
    /// <param name="name">That name; null: the one in the URI.</param>
    public async Task<(ConnectionContext? Connection, string Reason)> TryConnectAsync(
        MsrpUri uri, ImmutableArray<string> fingerprints, CancellationToken cancellation, string? name = null)
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            (liveness ?? SocketLiveness.Default).Watch(socket);
            if (!await ConnectAsync(socket, uri, either.Token).ConfigureAwait(false))
                return (null, NotAllowed);

            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (uri.IsSecure)
                stream = await SecureAsync(stream, name ?? uri.Host, fingerprints, either.Token).ConfigureAwait(false);

            return (new StreamConnection(socket, stream, BlockMemoryPool.OfProcess), "");
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ArgumentException
            or AuthenticationException or IOException)
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            return (null, ReasonOf(failure));
        }
    }

    // A name is looked up once: what was allowed is what is connected to.
    private async Task<bool> ConnectAsync(Socket socket, MsrpUri uri, CancellationToken cancellation)
    {
        if (allows is null)
        {
            await socket.ConnectAsync(uri.Host, uri.EffectivePort, cancellation).ConfigureAwait(false);
            return true;
        }

        var found = await Dns.GetHostAddressesAsync(uri.Host, cancellation).ConfigureAwait(false);
        var allowed = found.Where(each => allows(uri.Host, each, uri.EffectivePort)).ToArray();
        if (allowed.Length == 0)
        {
            socket.Dispose();
            return false;
        }

        await socket.ConnectAsync(allowed, uri.EffectivePort, cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task<SslStream> SecureAsync(
        Stream plain, string host, ImmutableArray<string> fingerprints, CancellationToken cancellation)
    {
        var stream = new SslStream(plain);
        try
        {
            await stream.AuthenticateAsClientAsync(tls.ForClient(host, fingerprints), cancellation)
                .ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static string ReasonOf(Exception failure) => failure switch
    {
        SocketException refused => refused.SocketErrorCode.ToString(),
        OperationCanceledException => "timeout",
        AuthenticationException => "TLS: " + failure.Message,
        _ => failure.Message,
    };
}
