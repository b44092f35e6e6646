using System.Net;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>One IMS domain and its IM server: Kamailio as an application server, and a sidecar.</summary>
internal sealed record ImsDomain(string Name, int Core, int ImServer, int Http, int Msrp) : IAsyncDisposable
{
    private readonly List<OwnedProcess> _programs = [];

    public string Factory => $"sip:conf-factory@im.{Name}";

    public IReadOnlyList<OwnedProcess> Programs => _programs;

    public IPEndPoint Proxy => new(IPAddress.Loopback, Core);

    public HttpClient Xcap { get; } =
        new() { BaseAddress = new($"http://127.0.0.1:{Http}"), Timeout = TimeSpan.FromSeconds(20) };

    public string Group(string name) => $"sip:{name}@groups.{Name}";

    public void Start(string folder)
    {
        var socket = Path.Combine(folder, "gateway.sock");
        _programs.Add(OwnedProcess.Start(
            "sidecar", folder, "dotnet", Built.Sidecar, "--config", Built.SidecarConfiguration,
            $"--Gateway:Node=im.{Name}", "--Gateway:NextHop=", $"--Gateway:Socket={socket}",
            $"--Http:Listen=127.0.0.1:{Http}", $"--Msrp:Listen=127.0.0.1:{Msrp}",
            $"--XcapServer:Root=http://127.0.0.1:{Http}/xcap-root/",
            $"--Controlling:ConferenceFactory={Factory}", $"--Controlling:GroupDomain=groups.{Name}",
            "--Controlling:NotifyInterval=00:00:00.5", $"--Participating:Domains:0={Name}",
            "--Participating:RegistrationSources=ThirdParty",
            // Six servers start at once, and the first request is the one that all is compiled for.
            "--Overload:MaxDelay=00:00:10",
            $"--Store:Path={Path.Combine(folder, "store.db")}",
            $"--Admin:Socket={Path.Combine(folder, "admin.sock")}"));
        _programs.Add(OwnedProcess.Start(
            "kamailio", folder, "kamailio", "-DD", "-E", "-m", "64", "-M", "8", "-Y", folder,
            "-A", $"SERVER_PORT={ImServer}", "-A", $"SERVER_SOCKET=\"tcp:127.0.0.1:{ImServer}\"",
            "-A", $"CORE=127.0.0.1:{Core}", "-A", "WORKERS=1", "-A", $"IM_MODULE=\"{Built.Module}\"",
            "-A", $"IM_TARGET=\"unix:{socket}\"", "-A", $"IM_INSTANCE=\"{Name}\"",
            "-A", $"IM_DOMAINS=\"im.{Name},groups.{Name}\"",
            "-f", Path.Combine(Built.Root, "kamailio", "routes", "example-behind-core.cfg")));
    }

    public async Task WaitUntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await IsReadyAsync(limit.Token))
        {
            foreach (var program in _programs)
                program.ThrowIfExited();
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Xcap.Dispose();
        foreach (var program in _programs)
            await program.DisposeAsync();
    }

    // Ready means that a Kamailio has attached.
    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        try
        {
            using var response = await Xcap.GetAsync("/health/ready", cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
