using System.Diagnostics;
using System.Net;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>One Kamailio of several, at an address of its own, attached to all sidecars.</summary>
internal sealed class ClusterKamailio(
    string name, string peer, ClusterNet net, string folder, IReadOnlyList<ClusterNode> nodes)
    : IAsyncDisposable
{
    // The same for all: what one has marked or sealed the other one takes.
    private const string Secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private OwnedProcess? _process;

    public string Name => name;

    /// <summary>What is started next.</summary>
    public Release Release { get; set; } = Release.This;

    /// <summary>Where handsets reach it.</summary>
    public IPEndPoint Handsets => new(net.AddressOf(name), 5060);

    public int Id => _process!.Id;

    private string Run => Path.Combine(folder, name);

    private string Control => Path.Combine(folder, name + "-ctl");

    /// <summary>Instance is what it calls itself: another one at the same address has a name of its own.</summary>
    public void Launch(string? instance = null)
    {
        Directory.CreateDirectory(Run);
        var address = net.AddressOf(name);
        _process = OwnedProcess.Start(
            name, folder, "env",
            [
                .. net.Enter(name), "kamailio", "-DD", "-E", "-m", "128", "-M", "16", "-Y", Run, "-f", Release.KamailioConfiguration,
                "-A", $"HANDSET_IP={address}", "-A", $"CORE_IP={address}", "-A", $"CORE_SOCKET=\"tcp:{address}:5070\"",
                "-A", $"IM_MODULE=\"{Release.Module}\"", "-A", $"IM_INSTANCE=\"{instance ?? name}\"",
                "-A", $"IM_TARGET=\"{string.Join(',', nodes.Select(node => node.Target))}\"",
                "-A", $"DMQ_ADDRESS=\"sip:{address}:5070\"", "-A", $"DMQ_PEER=\"sip:{net.AddressOf(peer)}:5070\"",
                "-A", $"IM_SECRET=\"{Secret}\"", "-A", $"CTL_SOCKET=\"unixs:{Control}\"", .. net.KamailioSettings(),
            ]);
    }

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
    }

    /// <summary>SIGTERM.</summary>
    public async Task StopAsync()
    {
        await _process!.TerminateAsync();
        await _process.DisposeAsync();
    }

    public IDisposable Freeze() => ProcessTree.Freeze(ProcessTree.Of(_process!.Id));

    public void ThrowIfExited() => _process!.ThrowIfExited();

    public IEnumerable<string> Failures() => _process?.Failures() ?? [];

    /// <summary>What an RPC command of the module says.</summary>
    public async Task<string> AskAsync(string command)
    {
        using var kamcmd = Process.Start(
            new ProcessStartInfo("kamcmd", ["-s", $"unixs:{Control}", command])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        var answer = await kamcmd.StandardOutput.ReadToEndAsync();
        await kamcmd.WaitForExitAsync();
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
