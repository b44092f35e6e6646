using System.Diagnostics;
using System.Net;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>One sidecar of several on one PostgreSQL, at an address of its own.</summary>
internal sealed class ClusterNode(string name, ClusterNet net, string folder, Func<IEnumerable<string>> settings)
    : IAsyncDisposable
{
    private OwnedProcess? _process;

    public string Name => name;

    /// <summary>What is started next.</summary>
    public Release Release { get; set; } = Release.This;

    public IPAddress Address => net.AddressOf(name);

    public int Id => _process!.Id;

    public bool IsRunning => _process is { HasExited: false };

    public string Target => net.TargetOf(name, Socket);

    public string AdminSocket => Path.Combine(folder, name + "-admin.sock");

    public HttpClient Http { get; } = new(net.NewWayToHttp())
    {
        BaseAddress = new($"http://{net.AddressOf(name)}:8080"),
        Timeout = TimeSpan.FromSeconds(10),
    };

    private string Socket => Path.Combine(folder, name + ".sock");

    public void Launch() => _process = OwnedProcess.Start(
        name, folder, "env",
        [
            .. net.Enter(name), "dotnet", Release.Sidecar, "--config", Release.SidecarConfiguration, $"--Gateway:Node={name}",
            $"--Gateway:Socket={Socket}", $"--Admin:Socket={AdminSocket}", $"--Http:Listen={Address}:8080",
            $"--Msrp:Listen={Address}:2855", .. net.NodeSettings(name), .. settings(),
        ]);

    /// <summary>What imsidecarctl says to these arguments.</summary>
    public async Task<string> ControlAsync(params IEnumerable<string> arguments)
    {
        using var tool = Process.Start(
            new ProcessStartInfo("dotnet", [Built.ControlTool, .. arguments, "--socket", AdminSocket])
            {
                RedirectStandardOutput = true,
            })!;
        var output = await tool.StandardOutput.ReadToEndAsync();
        await tool.WaitForExitAsync();
        Assert.True(tool.ExitCode == 0, output);
        return output;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await ForgetAsync();
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        var code = await _process!.TerminateAsync();
        await ForgetAsync();
        return code;
    }

    /// <summary>SIGSTOP until the result is disposed of.</summary>
    public IDisposable Freeze() => ProcessTree.Freeze([_process!.Id]);

    public void ThrowIfExited() => _process?.ThrowIfExited();

    public string LastError() => _process?.LastError() ?? "not started";

    public IEnumerable<string> Failures() => _process?.Failures() ?? [];

    /// <summary>Its own count of conferences.</summary>
    public async Task<int> ConferencesAsync(CancellationToken cancellation)
    {
        using var health = System.Text.Json.JsonDocument.Parse(await Http.GetStringAsync("/health/live", cancellation));
        return health.RootElement.TryGetProperty("conferences", out var count) ? count.GetInt32() : 0;
    }

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await Http.GetAsync("/health/ready");
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await ForgetAsync();
    }

    private async Task ForgetAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }
}
