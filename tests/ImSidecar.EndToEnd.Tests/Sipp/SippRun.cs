using System.Globalization;
using System.Net.NetworkInformation;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Sipp;

/// <summary>SIPp playing a scenario once, as a process of its own; what the scenario does not say fails it.</summary>
internal sealed class SippRun : IAsyncDisposable
{
    private const int ShownCharacters = 12_000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(14);
    private static int _lastPort = 20_000 + Environment.ProcessId % 8_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-sipp.").FullName;
    private readonly string _scenario;
    private readonly SippOptions _options;
    private readonly OwnedProcess _process;
    private bool _hasReported;

    private SippRun(string scenario, SippOptions options)
    {
        _scenario = scenario;
        _options = options;
        Port = FreePort();
        _process = OwnedProcess.Start("sipp", _folder, "sipp", Arguments());
    }

    /// <summary>Where it sends from and listens.</summary>
    public int Port { get; }

    /// <summary>What it sent and received so far.</summary>
    public string Messages => Read("messages.log");

    /// <summary>A scenario that begins with a request of its own.</summary>
    public static SippRun Start(string scenario, SippOptions options) => new(scenario, options);

    /// <summary>A scenario that begins with a request to it; returns when it listens.</summary>
    public static async Task<SippRun> ListenAsync(string scenario, SippOptions options)
    {
        var run = new SippRun(scenario, options);
        try
        {
            await run.UntilListeningAsync();
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for its end; fails with its log unless all went as the scenario says.</summary>
    public async Task SucceedsAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        var code = await _process.ExitAsync(limit.Token);
        _hasReported = true;
        Assert.True(code == 0, $"'{_scenario}' ended with {code}.\n{Log()}");

        var statistics = Statistics();
        Assert.True(
            statistics is { Successful: 1, Failed: 0, OutOfCall: 0, Dead: 0 },
            $"'{_scenario}' counts {statistics}.\n{Log()}");
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        if (!_hasReported)
            TestContext.Current.TestOutputHelper?.WriteLine($"-- {_scenario}\n{Log()}");
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Nobody listens there, UDP or TCP, and the system gives it to nobody by itself.</summary>
    public static int FreePort()
    {
        var port = Interlocked.Increment(ref _lastPort);
        while (IsTaken(port, SipProtocol.Udp) || IsTaken(port, SipProtocol.Tcp))
            port = Interlocked.Increment(ref _lastPort);

        return port;
    }

    private static bool IsTaken(int port, SipProtocol transport)
    {
        var system = IPGlobalProperties.GetIPGlobalProperties();
        var listeners = transport == SipProtocol.Udp ? system.GetActiveUdpListeners() : system.GetActiveTcpListeners();
        return listeners.Any(listener => listener.Port == port);
    }

    private async Task UntilListeningAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!IsTaken(Port, _options.Transport))
        {
            _process.ThrowIfExited();
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    private List<string> Arguments()
    {
        List<string> arguments =
        [
            _options.Target, "-sf", Path.Combine(Folder, _scenario),
            "-t", _options.Transport == SipProtocol.Udp ? "u1" : "t1",
            "-i", "127.0.0.1", "-bind_local", "-p", Text(Port), "-ci", "127.0.0.1", "-mi", "127.0.0.1",
            "-m", "1", "-nostdin", "-default_behaviors", "bye,abortunexp",
            "-recv_timeout", "10s", "-timeout", "13s", "-timeout_error",
            "-au", _options.User, "-ap", "demo", "-auth_uri", _options.DigestUri,
            "-trace_msg", "-message_file", InFolder("messages.log"),
            "-trace_err", "-error_file", InFolder("errors.log"),
            "-trace_stat", "-stf", InFolder("statistics.csv"),
            "-key", "user", _options.User, "-key", "msrp_port", Text(_options.MsrpPort),
        ];
        if (!_options.Retransmits)
            arguments.Add("-nr");
        foreach (var (name, value) in _options.Keys)
            arguments.AddRange(["-key", name, value]);
        return arguments;
    }

    private (int Successful, int Failed, int OutOfCall, int Dead) Statistics()
    {
        var lines = Read("statistics.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var names = lines[0].Split(';');
        var last = lines[^1].Split(';');
        return (
            Count("SuccessfulCall(C)"), Count("FailedCall(C)"), Count("OutOfCallMsgs(C)"), Count("DeadCallMsgs(C)"));

        int Count(string name) => int.Parse(last[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
    }

    private string Log()
    {
        var messages = Messages;
        return $"{Read("errors.log")}\n{messages[Math.Max(0, messages.Length - ShownCharacters)..]}";
    }

    private string Read(string file) => File.Exists(InFolder(file)) ? File.ReadAllText(InFolder(file)) : "";

    private string InFolder(string file) => Path.Combine(_folder, file);

    private static string Folder =>
        Path.Combine(Built.Root, "tests", "ImSidecar.EndToEnd.Tests", "Sipp", "Scenarios");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
