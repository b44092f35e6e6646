using ImSidecar.EndToEnd.Tests.Flows.Relay;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.EndToEnd.Tests.Flows.Plane;

/// <summary>"imsidecar msrp": the MSRP plane beside the sidecar, with the sidecar's configuration, as its unit starts it.</summary>
public sealed class PlaneProcess : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-plane.").FullName;
    private OwnedProcess? _process;

    /// <summary>Another port than the one of a sidecar that has the switch inside.</summary>
    public const string Listen = "--Msrp:Listen=127.0.0.1:2869";

    public static MsrpUri Relay => new("127.0.0.1", 2870, null);

    public string Socket => Path.Combine(_folder, "msrp.sock");

    public HttpClient Http { get; } =
        new() { BaseAddress = new("http://127.0.0.1:8081"), Timeout = TimeSpan.FromSeconds(20) };

    public async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>Starts it if it is away.</summary>
    public async Task StartAsync()
    {
        if (_process is { HasExited: false })
            return;

        if (_process is not null)
            await _process.DisposeAsync();
        _process = OwnedProcess.Start(
            "plane", _folder, "env",
            [
                "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1", "dotnet", Built.Sidecar, "msrp",
                "--config", Built.SidecarConfiguration, $"--MsrpControl:Socket={Socket}", Listen,
                .. OurRelay.Settings(_folder, Relay),
            ]);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await IsReadyAsync())
        {
            _process.ThrowIfExited();
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public async Task KillAsync() => await _process!.KillAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
            Assert.Empty(_process.Failures());
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await Http.GetAsync("/health/ready");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
