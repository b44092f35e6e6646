using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ImSidecar.Msrp.Transport;

/// <summary>
/// A connection that we have made, TCP or TLS, in the form of those that Kestrel accepts. Who flushes writes to the
/// socket himself, and who reads does so into a block of the pool.
/// </summary>
internal sealed class StreamConnection : ConnectionContext, ITlsConnectionFeature
{
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly CancellationTokenSource _closed = new();

    public StreamConnection(Socket socket, Stream stream, MemoryPool<byte> pool)
    {
        (_socket, _stream) = (socket, stream);
        (LocalEndPoint, RemoteEndPoint) = (socket.LocalEndPoint, socket.RemoteEndPoint);
        Transport = new StreamTransport(
            // Who has nothing to say holds no block.
            PipeReader.Create(stream, new(pool, pool.MaxBufferSize, leaveOpen: true, useZeroByteReads: true)),
            PipeWriter.Create(stream, new(pool, leaveOpen: true)));
        ConnectionClosed = _closed.Token;
        if (stream is not SslStream secure)
            return;

        ClientCertificate = secure.RemoteCertificate as X509Certificate2;
        Features.Set<ITlsConnectionFeature>(this);
    }

    public override string ConnectionId { get; set; } = Guid.NewGuid().ToString("N");

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    /// <summary>The peer's, whoever connected.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ClientCertificate);

    // What is being read or written ends as with a lost connection.
    public override void Abort(ConnectionAbortedException abortReason)
    {
        _socket.Dispose();
        _closed.Cancel();
    }

    public override async ValueTask DisposeAsync()
    {
        await SayGoodbyeAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _closed.CancelAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    // RFC 8446 6.1: so that the peer knows that nothing was cut off.
    private async Task SayGoodbyeAsync()
    {
        if (_stream is not SslStream secure)
            return;

        try
        {
            await secure.ShutdownAsync().WaitAsync(_farewell).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or TimeoutException or InvalidOperationException)
        {
            // The connection is gone, or he does not read.
        }
    }

    private sealed record StreamTransport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
