using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>The running demo profile: Kamailio with the module, the sidecar, a capture. One for all flows.</summary>
public class DemoProfile : IAsyncLifetime
{
    public const string Factory = "sip:conf-factory@im.example.com";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    // Shorter than in life, so that flows need not wait.
    private static readonly string[] _overrides =
    [
        "--Controlling:NotifyInterval=00:00:00.5",
        "--Controlling:NoAnswer=00:00:03",
        "--Controlling:MinSubscriptionDuration=00:00:02",

        // Each flow has a group of its own, and most are alice's.
        "--XcapServer:MaxDocumentsPerUser=1000", "--XcapServer:MaxGroupsPerUser=1000",
    ];

    // Kamailio's TCP main process says so when it is told to end and a worker is gone before it.
    private static readonly string[] _dying = ["receive_fd(): recvmsg on", "handle_ser_child(): read from child"];

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-e2e.").FullName;
    private readonly ProfileOptions _options;
    private IReadOnlyList<string> _settings = [];
    private MortalSidecar? _mortality;
    private OwnedProcess? _kamailio;
    private OwnedProcess? _sidecar;
    private Capture? _capture;
    private bool _wasReady;

    public DemoProfile()
        : this(new())
    {
    }

    internal DemoProfile(ProfileOptions options) => _options = options;

    public HttpClient Http { get; } = new() { BaseAddress = new("http://127.0.0.1:8080"), Timeout = _patience };

    /// <summary>Logs and capture stay: a test failed, or IMSIDECAR_KEEP is set.</summary>
    public bool KeepsTraces { get; set; } = Environment.GetEnvironmentVariable("IMSIDECAR_KEEP") is { Length: > 0 };

    internal Capture Capture => _capture!;

    internal OwnedProcess Sidecar => _sidecar!;

    internal OwnedProcess Kamailio => _kamailio!;

    /// <summary>The SQLite file of the sidecar.</summary>
    internal string Store => Path.Combine(_folder, "imsidecar.db");

    /// <summary>Where imsidecarctl reaches the sidecar.</summary>
    internal string AdminSocket => Path.Combine(_folder, "admin.sock");

    /// <summary>Where kamcmd reaches Kamailio.</summary>
    internal string ControlSocket => Path.Combine(_folder, "ctl");

    public async ValueTask InitializeAsync()
    {
        ThrowIfPortTaken();
        _ = KamailioArguments();
        if (_options.Captures)
            _capture = await Capture.StartAsync(_folder);
        _sidecar = LaunchSidecar();
        _kamailio = LaunchKamailio();
        await WaitUntilReadyAsync();
        _wasReady = true;
    }

    public async Task KillSidecarAsync() => await _sidecar!.KillAsync();

    /// <summary>SIGSTOP until the result is disposed of.</summary>
    public IDisposable FreezeSidecar() => ProcessTree.Freeze([_sidecar!.Id]);

    /// <summary>SIGTERM; the exit code.</summary>
    public Task<int> StopSidecarAsync() => _sidecar!.TerminateAsync();

    /// <summary>The sidecar for a flow: when it had other settings, it forgets those whom earlier flows have left behind.</summary>
    public async Task BeginFlowAsync(IReadOnlyList<string> settings)
    {
        if (!settings.SequenceEqual(_settings))
        {
            await StopSidecarAsync();
            foreach (var file in Directory.EnumerateFiles(_folder, "*.db*"))
                File.Delete(file);
        }

        await StartSidecarAsync(settings);
    }

    /// <summary>The sidecar with these settings on top of the profile's: started again when it has others.</summary>
    public async Task StartSidecarAsync(IReadOnlyList<string> settings)
    {
        // A flow that failed may have left it about to die.
        LetLive();
        if (!settings.SequenceEqual(_settings))
        {
            _settings = settings;
            await StopSidecarAsync();
        }

        await StartSidecarAsync();
    }

    /// <summary>Starts the sidecar if it is away; returns when the profile is ready.</summary>
    public async Task StartSidecarAsync()
    {
        await LaunchSidecarAsync();
        await WaitUntilReadyAsync();
        await WaitUntilAttachedAsync();
    }

    /// <summary>A sidecar that dies when its n-th write from now on is on the disk, before it sends what it saved.</summary>
    public async Task DieAtSaveAsync(int number)
    {
        _mortality = new(_folder);
        await _mortality.BuildAsync();
        _mortality.DiesAtSave(0);
        await StopSidecarAsync();
        await StartSidecarAsync();
        _mortality.DiesAtSave(number);
    }

    /// <summary>It did not come so far: it lives on.</summary>
    public void LetLive()
    {
        _mortality?.DiesAtSave(0);
        _mortality = null;
    }

    /// <summary>Starts the sidecar if it is away; returns at once.</summary>
    public async Task LaunchSidecarAsync()
    {
        if (!_sidecar!.HasExited)
            return;

        await _sidecar.DisposeAsync();
        _sidecar = LaunchSidecar();
    }

    /// <summary>Kamailio anew: it knows of no transaction and no registration any more.</summary>
    public async Task RestartKamailioAsync()
    {
        _ = await _kamailio!.TerminateAsync();
        await StartKamailioAsync();
    }

    /// <summary>SIGKILL for all of its processes.</summary>
    public async Task KillKamailioAsync() => await _kamailio!.KillAsync();

    /// <summary>Starts Kamailio if it is away; returns when the profile is ready.</summary>
    public async Task StartKamailioAsync()
    {
        if (_kamailio!.HasExited)
        {
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (await IsReadyAsync())
                await tick.WaitForNextTickAsync();
            await _kamailio.DisposeAsync();
            _kamailio = LaunchKamailio();
        }

        await WaitUntilReadyAsync();
        await WaitUntilAttachedAsync();
    }

    /// <summary>SIGSTOP for all of Kamailio until the result is disposed of.</summary>
    public IDisposable FreezeKamailio() => ProcessTree.Freeze(ProcessTree.Of(_kamailio!.Id));

    /// <summary>SIGSTOP for the link process alone.</summary>
    public IDisposable FreezeLink() => ProcessTree.Freeze([ProcessTree.LinkOf(_kamailio!.Id)]);

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await Http.GetAsync("/health/ready");
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Throws if Kamailio or the sidecar is no more.</summary>
    public void ThrowIfDead()
    {
        _kamailio!.ThrowIfExited();
        _sidecar!.ThrowIfExited();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Http.Dispose();
        var hadDied = _wasReady && (_kamailio!.HasExited || _sidecar!.HasExited);
        await EndProcessesAsync();
        await AfterAsync();
        if (_wasReady)
            await ReportAsync(hadDied);
        if (KeepsTraces)
            Console.WriteLine($"logs and capture of the flows are in {_folder}");
        else
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Everything has ended; what the profile had besides goes too.</summary>
    private protected virtual ValueTask AfterAsync() => ValueTask.CompletedTask;

    private string GatewaySocket => Path.Combine(_folder, "gateway.sock");

    private string[] KamailioArguments() =>
    [
        "-DD", "-E", "-m", $"{_options.SharedMegabytes}", "-M", "16", "-Y", _folder,
        "-f", _options.KamailioConfiguration?.Invoke(_folder) ?? Built.KamailioConfiguration,
        "-A", $"IM_MODULE=\"{Built.Module}\"", "-A", $"IM_TARGET=\"{_options.Target ?? "unix:" + GatewaySocket}\"",
        "-A", $"CTL_SOCKET=\"unixs:{ControlSocket}\"", .. _options.Kamailio,
    ];

    private OwnedProcess LaunchKamailio() => Built.KamailioPreload is { Length: > 0 } library
        ? OwnedProcess.Start(
            "kamailio", _folder, "env",
            ["LD_PRELOAD=" + library, "ASAN_OPTIONS=detect_leaks=0", "kamailio", .. KamailioArguments()])
        : OwnedProcess.Start("kamailio", _folder, "kamailio", KamailioArguments());

    private OwnedProcess LaunchSidecar() => OwnedProcess.Start(
        "sidecar", _folder, "env",
        [
            .. _options.Environment, .. _mortality?.Environment ?? [],
            "dotnet", Built.Sidecar, "--config", Built.SidecarConfiguration,
            $"--Store:Path={Store}", $"--Gateway:Socket={GatewaySocket}",
            $"--Admin:Socket={AdminSocket}", .. _overrides,
            .. _options.Sidecar, .. _settings,
        ]);

    private async Task WaitUntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await IsReadyAsync())
        {
            _sidecar!.ThrowIfExited();
            _kamailio!.ThrowIfExited();
            if (limit.IsCancellationRequested)
            {
                KeepsTraces = true;
                throw new TimeoutException(
                    $"not ready within 30 s; Kamailio: {_kamailio!.LastError()} Sidecar: {_sidecar!.LastError()} "
                    + $"({_folder})");
            }

            await tick.WaitForNextTickAsync();
        }
    }

    // The sidecar is ready once it has said so; a moment later Kamailio knows it.
    private async Task WaitUntilAttachedAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await IsAttachedAsync(limit.Token))
            await tick.WaitForNextTickAsync(limit.Token);
    }

    private async Task<bool> IsAttachedAsync(CancellationToken cancellation)
    {
        using var kamcmd = Process.Start(
            new ProcessStartInfo("kamcmd", ["-s", $"unixs:{ControlSocket}", "im_sidecar.status"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        var status = await kamcmd.StandardOutput.ReadToEndAsync(cancellation);
        await kamcmd.WaitForExitAsync(cancellation);
        return status.Contains("\tattached: 1\n", StringComparison.Ordinal);
    }

    private async Task EndProcessesAsync()
    {
        foreach (var process in (IAsyncDisposable?[])[_sidecar, _kamailio, _capture])
        {
            if (process is not null)
                await process.DisposeAsync();
        }
    }

    private async Task ReportAsync(bool hadDied)
    {
        List<string> faults = [.. _sidecar!.Failures(), .. _kamailio!.Failures()];
        faults.RemoveAll(fault =>
            _options.ExpectedFailures.Concat(_dying).Any(expected => fault.Contains(expected, StringComparison.Ordinal)));
        if (hadDied)
            faults.Add("Kamailio or the sidecar had ended before the flows did");

        if (_capture is not null)
            faults.AddRange(await new CaptureCheck(_capture).FindFaultsAsync());
        if (faults.Count == 0)
            return;

        KeepsTraces = true;
        Console.WriteLine($"logs and capture of the flows are in {_folder}");
        throw new InvalidOperationException(
            $"{faults.Count} fault(s), see {_folder}:\n{string.Join('\n', faults.Take(20))}");
    }

    private static void ThrowIfPortTaken()
    {
        var system = IPGlobalProperties.GetIPGlobalProperties();
        foreach (var (listeners, protocol, ports) in new[]
        {
            (system.GetActiveTcpListeners(), "TCP", (int[])[5060, 5070, 8080, 2855]),
            (system.GetActiveUdpListeners(), "UDP", [5060, 5070]),
        })
        {
            if (listeners.FirstOrDefault(listener => ports.Contains(listener.Port)) is { } taken)
                throw new InvalidOperationException(
                    $"port {taken.Port} ({protocol}) of the demo profile is taken; stop what uses it ('make down').");
        }
    }
}
