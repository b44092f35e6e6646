using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Flows.Watching;

/// <summary>What the log never says, whatever level it is set to.</summary>
public sealed class SecrecyTests(DemoProfile profile) : WatchedFlow(profile)
{
    [Fact]
    public async Task Neither_messages_nor_subjects_nor_passwords_nor_answers_to_nonces_are_in_the_log()
    {
        var log = new FileInfo(Profile.Sidecar.Log);
        var before = log.Length;
        var secret = Guid.NewGuid().ToString("N");
        var group = await ChatAsync($"body-{secret}", $"subject-{secret}", $"nickname-{secret}");
        await LeaveMessageAsync($"kept-{secret}", $"subject-{secret}");
        await SendFaultAsync($"fault-{secret}");
        await AuthenticateAsync($"response-{secret}");

        var said = await ReadAsync(log.FullName, before);

        Assert.Contains(" trce: ", said, StringComparison.Ordinal);
        Assert.Contains("RequestArrived leads to", said, StringComparison.Ordinal);
        Assert.Contains($"(Call-ID {group.Caller.CallId})", said, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, said, StringComparison.Ordinal);
    }

    private static async Task SendFaultAsync(string text)
    {
        foreach (var bytes in (string[])
            [$"MSRP d1 SEND\r\nTo-Path: msrp://127.0.0.1:2855/none;tcp\r\n{text}\r\n\r\n{text}", $"{text}\r\n\r\n"])
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, 2855, TestContext.Current.CancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes), TestContext.Current.CancellationToken);

            // It answers or hangs up, for it is no MSRP.
            await stream.ReadAsync(new byte[1024], TestContext.Current.CancellationToken)
                .AsTask().ContinueWith(_ => { }, TestContext.Current.CancellationToken);
        }
    }

    // Once with the password, and once with an answer that is wrong.
    private async Task AuthenticateAsync(string response)
    {
        var uri = new Uri(Profile.Http.BaseAddress!, "/xcap-root/resource-lists/users/sip:alice@example.com/index");
        using var handler = new HttpClientHandler { Credentials = new NetworkCredential("alice", Password) };
        using var client = new HttpClient(handler);
        using var known = await client.GetAsync(uri, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, known.StatusCode);

        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"Digest username=\"alice\", realm=\"example.com\", nonce=\"x\", uri=\"{uri.AbsolutePath}\", qop=auth, "
                + $"algorithm=SHA-256, nc=00000001, cnonce=\"y\", response=\"{response}\"");
        using var refused = await Profile.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    // What is behind the place where the flow began; the log is still written to.
    private static async Task<string> ReadAsync(string path, long from)
    {
        await Task.Delay(300, TestContext.Current.CancellationToken);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = from;
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
