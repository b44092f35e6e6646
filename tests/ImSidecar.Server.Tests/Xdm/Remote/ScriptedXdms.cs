using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>An XDMS on loopback that answers as a test says, byte for byte, also what no XDMS should.</summary>
internal sealed class ScriptedXdms : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _requests = [];
    private int _open;
    private int _most;

    private readonly X509Certificate2? _certificate;

    /// <param name="certificate">For TLS.</param>
    public ScriptedXdms(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        var scheme = certificate is null ? "http" : "https";
        Root = new Uri($"{scheme}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/xcap-root/");
        _ = AcceptAsync();
    }

    public Uri Root { get; }

    /// <summary>What happens with a request: gets its head, writes what it likes.</summary>
    public Func<string, Stream, CancellationToken, Task> Script { get; set; } = (_, to, _) => WriteAsync(to, NotFound);

    /// <summary>Heads of all requests so far.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>The most requests that were in work at the same time.</summary>
    public int MostAtOnce => Volatile.Read(ref _most);

    public static string NotFound => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

    public static string NotModified => "HTTP/1.1 304 Not Modified\r\n\r\n";

    public static string Status(int code) => $"HTTP/1.1 {code} Said\r\nContent-Length: 0\r\n\r\n";

    public static string Document(string body, string? etag = "\"1\"", string type = "application/xml") =>
        "HTTP/1.1 200 OK\r\n" + (etag is null ? "" : $"ETag: {etag}\r\n")
        + $"Content-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public void Always(string answer) => Script = (_, to, _) => WriteAsync(to, answer);

    /// <summary>The document, or 304 to who has it.</summary>
    public void Serve(string body, string etag) => Script = (head, to, _) => WriteAsync(
        to, head.Contains("If-None-Match: " + etag, StringComparison.Ordinal) ? NotModified : Document(body, etag));

    public static Task WriteAsync(Stream to, string text) => to.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

    /// <summary>From now on nobody listens.</summary>
    public void Die() => _listener.Stop();

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _stopping.CancelAsync();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = await OpenAsync(client.GetStream());
                while (await ReadHeadAsync(stream) is { } head)
                {
                    _requests.Enqueue(head);
                    var open = Interlocked.Increment(ref _open);
                    _most = Math.Max(_most, open);
                    try
                    {
                        await Script(head, stream, _stopping.Token);
                    }
                    finally
                    {
                        Interlocked.Decrement(ref _open);
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException
                or SocketException or AuthenticationException)
            {
            }
        }
    }

    private async Task<Stream> OpenAsync(NetworkStream plain)
    {
        if (_certificate is null)
            return plain;

        var secure = new SslStream(plain);
        await secure.AuthenticateAsServerAsync(_certificate);
        return secure;
    }

    private async Task<string?> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var octet = new byte[1];
        while (await stream.ReadAsync(octet, _stopping.Token) > 0)
        {
            head.Append((char)octet[0]);
            if (octet[0] == '\n' && head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
                return head.ToString();
        }

        return null;
    }
}
