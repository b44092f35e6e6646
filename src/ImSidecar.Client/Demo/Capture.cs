using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ImSidecar.Client.Demo;

/// <summary>dumpcap on the loopback interface, and tshark to decode what it saw.</summary>
internal sealed class Capture : IAsyncDisposable
{
    private const int Terminate = 15;

    private readonly Process _dumpcap;
    private readonly DemoProfile _profile;
    private readonly int[] _sipPorts;
    private readonly string _file;

    private Capture(Process dumpcap, DemoProfile profile, int[] sipPorts, string file)
    {
        _dumpcap = dumpcap;
        _profile = profile;
        _sipPorts = sipPorts;
        _file = file;
    }

    /// <summary>Throws a sentence for the person when the machine or its rights do not allow it.</summary>
    public static async Task<Capture> StartAsync(DemoProfile profile, IEnumerable<int> handsetPorts)
    {
        Start("tshark", ["--version"]).Kill();
        int[] sipPorts = [profile.Proxy.Port, profile.CorePort, .. handsetPorts];
        var file = profile.CaptureFile
            ?? Path.Combine(Path.GetTempPath(), $"imclient-{Environment.ProcessId}.pcapng");
        var filter = string.Join(" or ", sipPorts.Append(profile.MsrpPort).Select(port => $"port {port}"));
        var dumpcap = Start("dumpcap", ["-q", "-i", "lo", "-f", filter, "-w", file]);
        var said = new List<string>();
        while (await dumpcap.StandardError.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("File:", StringComparison.Ordinal))
                return new(dumpcap, profile, sipPorts, file);

            said.Add(line);
        }

        var why = said.FirstOrDefault(line => line.Contains("permission", StringComparison.OrdinalIgnoreCase))
            ?? string.Join(' ', said.Take(2));
        throw new SceneFailure("cannot capture on the loopback interface; run as root, or let this user run dumpcap "
            + $"(group wireshark); dumpcap says: {why}");
    }

    /// <summary>Ends the capture and decodes it.</summary>
    public async Task<IReadOnlyList<WireMessage>> DecodeAsync()
    {
        // What was sent last is on its way through the kernel's capture buffer.
        await Task.Delay(TimeSpan.FromMilliseconds(700));
        await StopAsync();
        List<string> arguments = ["-n", "-r", _file, "-T", "pdml", "-Y", "sip or msrp or _ws.malformed"];
        foreach (var port in _sipPorts)
            arguments.AddRange(["-d", $"udp.port=={port},sip", "-d", $"tcp.port=={port},sip"]);
        arguments.AddRange(["-d", $"tcp.port=={_profile.MsrpPort},msrp"]);

        using var tshark = Start("tshark", arguments);
        var errors = tshark.StandardError.ReadToEndAsync();
        var messages = PdmlReader.Read(tshark.StandardOutput);
        await tshark.WaitForExitAsync();
        return tshark.ExitCode == 0
            ? messages
            : throw new SceneFailure($"tshark could not decode the capture: {(await errors).Trim()}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _dumpcap.Dispose();
        if (_profile.CaptureFile is null)
            File.Delete(_file);
    }

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception)
        {
            throw new SceneFailure($"{program} is missing; install the package tshark");
        }
    }

    // A killed dumpcap would leave out what it has not written yet.
    private async Task StopAsync()
    {
        if (_dumpcap.HasExited)
            return;

        _ = Signal(_dumpcap.Id, Terminate);
        await _dumpcap.StandardError.ReadToEndAsync();
        await _dumpcap.WaitForExitAsync();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
