using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>Everything on the profile's SIP and MSRP ports of the loopback interface, in one file.</summary>
internal sealed partial class Capture : IAsyncDisposable
{
    private const string DemoProfilePorts = "port 5060 or port 5070 or port 2855";

    private readonly ConcurrentQueue<Exemption> _exemptions = [];
    private readonly OwnedProcess _dumpcap;

    private Capture(OwnedProcess dumpcap, string file)
    {
        _dumpcap = dumpcap;
        File = file;
    }

    public string File { get; }

    /// <summary>What tests sent malformed on purpose.</summary>
    public IReadOnlyCollection<Exemption> Exemptions => _exemptions;

    /// <summary>The filter is to let port 2855 through.</summary>
    public static async Task<Capture> StartAsync(string folder, string filter = DemoProfilePorts)
    {
        var file = Path.Combine(folder, "wire.pcapng");
        var dumpcap = OwnedProcess.Start(
            "dumpcap", folder, "dumpcap", "-i", "lo", "-f", filter, "-B", "64", "-q", "-w", file);
        var capture = new Capture(dumpcap, file);
        await capture.SeeAsync("first packet");
        return capture;
    }

    /// <summary>What comes from that port is malformed on purpose; the answers too, if they copy it.</summary>
    public void Exempt(int port, string why, bool answersToo = false) =>
        _exemptions.Enqueue(new(port, why, answersToo));

    /// <summary>What went over the wire until now is in the file.</summary>
    public Task FlushAsync() => SeeAsync($"until {Guid.NewGuid()}");

    /// <summary>Ends the capture; throws if it lost packets.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_dumpcap.HasExited)
            await SeeAsync("last packet");
        await _dumpcap.InterruptAsync();
        var summary = _dumpcap.LastLine();
        await _dumpcap.DisposeAsync();
        if (summary.Contains("dropped", StringComparison.Ordinal) && !Lossless().IsMatch(summary))
            throw new InvalidOperationException($"the capture lost packets: {summary}");
    }

    // The kernel hands packets over in blocks: what is in the file when this one is there is complete.
    private async Task SeeAsync(string mark)
    {
        using var socket = new UdpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await HoldsAsync(mark))
        {
            if (_dumpcap.HasExited)
                throw new InvalidOperationException(
                    "no capture on the loopback interface; is dumpcap there, may this user run it? "
                    + $"({_dumpcap.LastLine()})");

            await socket.SendAsync(Encoding.ASCII.GetBytes(mark), "127.0.0.1", 2855, limit.Token);
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<bool> HoldsAsync(string mark)
    {
        if (!System.IO.File.Exists(File))
            return false;

        await using var stream = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(-Math.Min(stream.Length, 1 << 20), SeekOrigin.End);
        var end = new byte[stream.Length - stream.Position];
        await stream.ReadAtLeastAsync(end, end.Length, throwOnEndOfStream: false);
        return end.AsSpan().IndexOf(Encoding.ASCII.GetBytes(mark)) >= 0;
    }

    // Packets received/dropped on interface 'lo': 8/0 (pcap:0/dumpcap:0/flushed:0/ps_ifdrop:0) (100.0%)
    [GeneratedRegex(@"\d+/0 \(")]
    private static partial Regex Lossless();

    internal sealed record Exemption(int Port, string Why, bool AnswersToo);
}
