using System.Diagnostics;
using ImSidecar.Msrp.Tests.Transport;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>The sidecar, or its MSRP plane, as a process of its own, on free ports.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-node.").FullName;
    private readonly List<string> _output = [];
    private readonly Process _process;

    private RunningNode(string? role, string[] settings)
    {
        var (http, plane) = (FreePort.Next(), FreePort.Next());
        Http = new() { BaseAddress = new($"http://127.0.0.1:{(role is null ? http : plane)}"), Timeout = _patience };
        var configuration = Path.Combine(_folder, "imsidecar.json");
        File.WriteAllText(
            configuration, """{ "Controlling": { "ConferenceFactory": "sip:conf-factory@im.example.com" } }""");
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "imsidecar.dll"), .. (string[])(role is null ? [] : [role]),
            "--config", configuration, $"--Store:Path={_folder}/store.db", $"--Gateway:Socket={_folder}/gateway.sock",
            $"--Admin:Socket={_folder}/admin.sock", $"--Http:Listen=127.0.0.1:{http}",
            $"--MsrpControl:HttpListen=127.0.0.1:{plane}", $"--Msrp:Listen=127.0.0.1:{FreePort.Next()}", .. settings,
        ];
        _process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public HttpClient Http { get; }

    public string Folder => _folder;

    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    public static Task<RunningNode> StartAsync(params string[] settings) => StartAsync(null, settings);

    public static async Task<RunningNode> StartPlaneAsync(params string[] settings)
    {
        var socket = Path.Combine(Path.GetTempPath(), $"imsidecar-{Guid.NewGuid():N}.sock");
        return await StartAsync("msrp", [$"--MsrpControl:Socket={socket}", .. settings]);
    }

    /// <summary>As by kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>TERM, STOP, CONT ...</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", $"-{signal} {_process.Id}");
        await kill.WaitForExitAsync();
    }

    /// <summary>As by SIGTERM; how it ended.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<RunningNode> StartAsync(string? role, string[] settings)
    {
        var node = new RunningNode(role, settings);
        using var limit = new CancellationTokenSource(_patience);
        while (!await node.IsLiveAsync(limit.Token))
        {
            if (node._process.HasExited)
            {
                // Its last lines may still be on their way.
                await node._process.WaitForExitAsync(limit.Token);
                throw new InvalidOperationException("It has ended: " + node.Output);
            }

            await Task.Delay(50, limit.Token);
        }

        return node;
    }

    private async Task<bool> IsLiveAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await Http.GetAsync("/health/live", cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Note(string? line)
    {
        lock (_output)
            _output.Add(line ?? "");
    }
}
