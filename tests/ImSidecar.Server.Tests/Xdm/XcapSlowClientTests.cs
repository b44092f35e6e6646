using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Clients that send their body so slowly that they would keep others out.</summary>
public sealed class XcapSlowClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_that_drips_is_given_up_and_its_place_is_free_again()
    {
        await using var host = await XcapHost.StartAsync(("MaxRequests", "1"));
        using var slow = new TcpClient();

        var answer = DripAsync(host, slow, bytes: 1);
        await KeptOutAsync(host, answer);

        Assert.Equal("408", await answer.WaitAsync(TimeSpan.FromSeconds(30), Cancel));

        // The place is given back behind the answer.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        int code;
        while ((code = (await host.GetAsync(XcapHost.ListPath)).Code) == 503)
            await Task.Delay(10, limit.Token);
        Assert.Equal(404, code);
    }

    [Fact]
    public async Task A_body_that_comes_steadily_and_for_too_long_is_given_up_too()
    {
        await using var host = await XcapHost.StartAsync(("BodyTimeout", "00:00:02"));
        using var slow = new TcpClient();

        Assert.Equal("408", await DripAsync(host, slow, bytes: 500).WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        Assert.Equal(404, (await host.GetAsync(XcapHost.ListPath)).Code);
    }

    /// <summary>Asks until the other request has the only place.</summary>
    private static async Task KeptOutAsync(XcapHost host, Task<string> answer)
    {
        // Not before it is there: who asks has the place himself for a moment.
        do
        {
            await Task.Delay(500, Cancel);
            Assert.False(answer.IsCompleted, "nobody was kept out");
        }
        while ((await host.GetAsync(XcapHost.ListPath)).Code != 503);
    }

    /// <summary>Sends so many bytes every 100 ms until there is an answer; its status.</summary>
    private static async Task<string> DripAsync(XcapHost host, TcpClient client, int bytes)
    {
        await client.ConnectAsync(IPAddress.Loopback, host.Root.Port, Cancel);
        var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"PUT {host.Root.AbsolutePath}{XcapHost.ListPath} HTTP/1.1\r\nHost: x\r\n"
                + $"X-3GPP-Asserted-Identity: \"{XcapHost.Alice}\"\r\n"
                + $"Content-Type: {XcapHost.ListsType}\r\nContent-Length: 1000000\r\n\r\n"),
            Cancel);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var line = reader.ReadLineAsync(Cancel).AsTask();
        while (!line.IsCompleted)
        {
            await stream.WriteAsync(new byte[bytes], Cancel);
            await Task.WhenAny(line, Task.Delay(100, Cancel));
        }

        return (await line)!["HTTP/1.1 ".Length..][..3];
    }
}
