using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ImSidecar.Cli.Doctor;

/// <summary>An empty SEND for a session that nobody has: who speaks MSRP refuses it (RFC 4975 7.3).</summary>
internal static class MsrpKnock
{
    private const int MaxAnswer = 4096;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What was answered; a problem is a sentence without its subject, and with whoever is connected it is his.
    /// </summary>
    public static async Task<(string? Status, bool IsConnected, string Problem)> AskAsync(
        string host, int port, bool tls, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(_patience);
        var isConnected = false;
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host.Trim('[', ']'), port, late.Token);
            isConnected = true;
            await using var stream = await OpenAsync(client, host, tls, late.Token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Request(host, port, tls)), late.Token);
            var answer = new byte[MaxAnswer];
            var length = await stream.ReadAtLeastAsync(answer, 12, throwOnEndOfStream: false, late.Token);
            return Encoding.ASCII.GetString(answer, 0, length).Split('\r')[0].Split(' ') is ["MSRP", _, var status, ..]
                ? (status, true, "") : (null, true, length == 0 ? "closes the connection" : "does not speak MSRP");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, isConnected, "does not answer within 5 s");
        }
        catch (Exception failure) when (failure is SocketException or IOException
            or System.Security.Authentication.AuthenticationException)
        {
            return (null, isConnected, $"cannot be reached: {failure.Message}");
        }
    }

    // Whether its certificate is good is another check.
#pragma warning disable CA5359
    private static async Task<Stream> OpenAsync(TcpClient client, string host, bool tls, CancellationToken cancellation)
    {
        if (!tls)
            return client.GetStream();

        var secure = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellation);
        return secure;
    }
#pragma warning restore CA5359

    private static string Request(string host, int port, bool tls)
    {
        var (id, scheme) = ("d0c70r" + Guid.NewGuid().ToString("N")[..8], tls ? "msrps" : "msrp");
        return $"MSRP {id} SEND\r\n"
            + $"To-Path: {scheme}://{host}:{port}/imsidecar-doctor;tcp\r\n"
            + $"From-Path: {scheme}://doctor.invalid:9/imsidecar-doctor;tcp\r\n"
            + $"Message-ID: {id}\r\nByte-Range: 1-0/0\r\n-------{id}$\r\n";
    }
}
