using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>A second sidecar that no Kamailio knows: the XDMS of the first one.</summary>
internal sealed class OtherSidecar : IAsyncDisposable
{
    public const string Root = "http://127.0.0.1:8081/xcap-root/";

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-other.").FullName;
    private OwnedProcess? _process;

    public HttpClient Http { get; } =
        new() { BaseAddress = new("http://127.0.0.1:8081"), Timeout = TimeSpan.FromSeconds(20) };

    public async Task StartAsync()
    {
        _process = OwnedProcess.Start(
            "other", _folder, "dotnet", Built.Sidecar, "--config", Built.SidecarConfiguration,
            "--Http:Listen=127.0.0.1:8081", "--Msrp:Listen=127.0.0.1:2856", $"--XcapServer:Root={Root}",
            "--XcapServer:Readers:0=sip:im-server@example.com",
            $"--Store:Path={Path.Combine(_folder, "other.db")}",
            $"--Gateway:Socket={Path.Combine(_folder, "other.sock")}",
            $"--Admin:Socket={Path.Combine(_folder, "admin.sock")}");
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await IsLiveAsync())
        {
            _process.ThrowIfExited();
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>SIGKILL: what it had acknowledged it has when it starts again.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsLiveAsync()
    {
        try
        {
            using var response = await Http.GetAsync("/health/live");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
