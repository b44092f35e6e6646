using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using ImSidecar.Server.Lifecycle;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>A real process under signals, with a stand-in for systemd.</summary>
public sealed class SignalTests : IDisposable
{
    private readonly RunOfSidecar _sidecar = new();
    private readonly string _notify;
    private readonly NotifySocket _systemd;

    public SignalTests()
    {
        _notify = _sidecar.PathOf("notify");
        _systemd = new(_notify);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _systemd.Dispose();
        _sidecar.Dispose();
    }

    [Fact]
    public async Task It_says_ready_reloads_on_SIGHUP_and_stops_on_SIGTERM()
    {
        using var process = await StartAsync();
        Assert.StartsWith(
            "STATUS=0 conferences, 0 participants, no Kamailio attached", await _systemd.NextAsync("STATUS"),
            StringComparison.Ordinal);
        Assert.Equal("WATCHDOG=1", await _systemd.NextAsync("WATCHDOG"));
        Assert.Contains("\"status\":\"live\"", await LiveAsync(), StringComparison.Ordinal);

        await ChangeAsync("Gateway", "RetryAfter", "00:00:09");
        await SignalAsync(process, "HUP");
        Assert.StartsWith("RELOADING=1\nMONOTONIC_USEC=", await _systemd.NextAsync("RELOADING"), StringComparison.Ordinal);
        Assert.Equal("READY=1", await _systemd.NextAsync("READY"));

        await ChangeAsync("Gateway", "RetryAfter", "much");
        await SignalAsync(process, "HUP");
        await _systemd.NextAsync("READY");
        await ChangeAsync("Gateway", "RetryAfter", "00:00:09");
        await ChangeAsync("Gateway", "Node", "other");
        await SignalAsync(process, "HUP");
        await _systemd.NextAsync("READY");

        await SignalAsync(process, "TERM");
        Assert.StartsWith("STOPPING=1", await _systemd.NextAsync("STOPPING"), StringComparison.Ordinal);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);

        Assert.Equal(ExitCode.Done, process.ExitCode);
        Assert.Contains("was read again: Gateway:RetryAfter\n", output, StringComparison.Ordinal);
        Assert.Contains("nothing of it is taken: Gateway:RetryAfter must be a duration", output, StringComparison.Ordinal);
        Assert.Contains("Gateway:Node has changed and needs a restart\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_asked_a_second_time_ends_at_once()
    {
        using var process = await StartAsync();

        // It waits for the rest of a request that has begun.
        using var slow = new TcpClient();
        await slow.ConnectAsync("127.0.0.1", Port(), Cancel);
        await slow.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                "PUT /xcap-root/resource-lists/users/sip:a@example.com/index HTTP/1.1\r\nHost: x\r\n"
                + "X-3GPP-Asserted-Identity: \"sip:a@example.com\"\r\nContent-Type: application/resource-lists+xml\r\n"
                + "Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n"),
            Cancel);
        using var answer = new StreamReader(slow.GetStream(), Encoding.ASCII);
        Assert.Equal("HTTP/1.1 100 Continue", await answer.ReadLineAsync(Cancel));
        // As much as keeps it from being given up as too slow meanwhile.
        await slow.GetStream().WriteAsync(new byte[50_000], Cancel);
        await SignalAsync(process, "TERM");
        await _systemd.NextAsync("STOPPING");
        await Task.Delay(300, Cancel);
        Assert.False(process.HasExited, "It did not wait");

        var asked = Stopwatch.GetTimestamp();
        await SignalAsync(process, "TERM");
        await process.WaitForExitAsync(Cancel);

        Assert.True(Stopwatch.GetElapsedTime(asked) < TimeSpan.FromSeconds(5), "It took its time");
        Assert.Equal(128 + 15, process.ExitCode);
    }

    private async Task<Process> StartAsync()
    {
        // The last one is no key: others may name their variables so too.
        var process = _sidecar.Start(
            new Dictionary<string, string>
            {
                ["NOTIFY_SOCKET"] = _notify,
                ["WATCHDOG_USEC"] = "1000000",
                ["IMSIDECAR_BUILD"] = "/elsewhere",
            },
            "--XcapServer:TrustedProxies:0=127.0.0.1");
        try
        {
            Assert.Equal("READY=1", await _systemd.NextAsync("READY"));
            return process;
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    private async Task<string> LiveAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync($"http://127.0.0.1:{Port()}/health/live", Cancel);
    }

    private int Port() => int.Parse(
        Read()["Http"]!["Listen"]!.GetValue<string>().Split(':')[1], CultureInfo.InvariantCulture);

    private JsonNode Read() => JsonNode.Parse(File.ReadAllText(_sidecar.File))!;

    private async Task ChangeAsync(string section, string key, string value)
    {
        var configuration = Read();
        configuration[section]![key] = value;
        await File.WriteAllTextAsync(_sidecar.File, configuration.ToJsonString(), Cancel);
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Cancel);
    }
}
