using System.Collections.Immutable;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Client.Msrp;

/// <summary>Makes the connection of a session as both descriptions say: TCP, TLS, or a WebSocket, RFC 7977.</summary>
internal sealed class MsrpDialer(MsrpOptions options, AddressFamily family)
{
    public async Task<MsrpConnection> ConnectAsync(MsrpMedia remote, CancellationToken cancellation)
    {
        if (options.WebSocket is { } url)
            return await ConnectAsync(url, cancellation);

        var hop = remote.Path[0];
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(hop.Host, hop.EffectivePort, cancellation);
            return hop.IsSecure
                ? await SecureAsync(socket, hop.Host, remote.Fingerprints, cancellation)
                : Over(socket, new NetworkStream(socket, ownsSocket: true));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One that the peer has opened; with TLS he must show the certificate of his description.</summary>
    public async Task<MsrpConnection> AcceptAsync(
        Socket socket, bool isSecure, ImmutableArray<string> fingerprints, CancellationToken cancellation)
    {
        socket.NoDelay = true;
        if (!isSecure)
            return Over(socket, new NetworkStream(socket, ownsSocket: true));

        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = options.Tls!.Certificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback =
                    (_, seen, _, _) => fingerprints.IsEmpty || IsAmong(seen, fingerprints),
            },
            cancellation);
        return Over(socket, stream);
    }

    private async Task<MsrpConnection> SecureAsync(
        Socket socket, string host, ImmutableArray<string> fingerprints, CancellationToken cancellation)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificateContext = options.Tls is { } tls
                    ? SslStreamCertificateContext.Create(tls.Certificate, null, offline: true) : null,
                RemoteCertificateValidationCallback = (_, seen, _, errors) =>
                    fingerprints.IsEmpty ? errors == SslPolicyErrors.None : IsAmong(seen, fingerprints),
            },
            cancellation);
        return Over(socket, stream);
    }

    private static async Task<MsrpConnection> ConnectAsync(Uri url, CancellationToken cancellation)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol("msrp");
            await socket.ConnectAsync(url, cancellation);
            return new(WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true), $"{url}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static MsrpConnection Over(Socket socket, Stream stream) =>
        new(stream, socket.RemoteEndPoint?.ToString() ?? "?");

    private static bool IsAmong(X509Certificate? seen, ImmutableArray<string> fingerprints) => seen is not null
        && fingerprints.Contains(MsrpTls.FingerprintOf(seen), StringComparer.OrdinalIgnoreCase);
}
