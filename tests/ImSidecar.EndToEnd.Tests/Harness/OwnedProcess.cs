using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>A program we started, writing to a log file; it ends with us, even if we are killed.</summary>
internal sealed class OwnedProcess : IAsyncDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly string _name;
    private readonly Process _process;
    private readonly Process _guard;

    private OwnedProcess(string name, string log, Process process, Process guard)
    {
        _name = name;
        Log = log;
        _process = process;
        _guard = guard;
    }

    public string Log { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static OwnedProcess Start(string name, string folder, string program, params IEnumerable<string> arguments)
    {
        var log = Path.Combine(folder, name + ".log");
        var process = Shell("exec \"$@\" </dev/null >>\"$0\" 2>&1", [log, program, .. arguments]);

        // Its input ends when we do, however that happens.
        var guard = Shell("read -r _; kill -TERM $0; sleep 3; kill -KILL $0", [$"{process.Id}"]);
        return new(name, log, process, guard);
    }

    public string LastLine() => Lines().LastOrDefault(line => line.Trim().Length > 0) ?? "no output";

    /// <summary>What it complained about: Kamailio's and .NET's ways of saying so.</summary>
    public string LastError() =>
        Lines().LastOrDefault(line => line.Contains("ERROR:") || IsFailure(line)) ?? LastLine();

    /// <summary>What must not happen, whatever comes over the wire.</summary>
    public IEnumerable<string> Failures() => Lines().Where(IsFailure);

    /// <summary>Throws with the last line of the log if it has ended by itself.</summary>
    public void ThrowIfExited()
    {
        if (HasExited)
            throw new InvalidOperationException(
                $"the {_name} ended with {_process.ExitCode}: {LastLine()} (all of it: {Log}).");
    }

    /// <summary>The exit code, once it has ended by itself.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM and waiting; the exit code.</summary>
    public Task<int> TerminateAsync() => EndAsync(Terminate);

    /// <summary>SIGINT and waiting: how a capture is ended.</summary>
    public Task<int> InterruptAsync() => EndAsync(Interrupt);

    /// <summary>SIGKILL: it learns nothing of its end.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await TerminateAsync();
        }
        finally
        {
            _guard.Kill();
            await _guard.WaitForExitAsync();
            _guard.Dispose();
            _process.Dispose();
        }
    }

    // Kamailio finds it critical that its own processes close their pipes when it is stopped, and that a reply it drops
    // names a transport nobody has.
    private static bool IsFailure(string line) =>
        (line.Contains("CRITICAL:") && !line.Contains("receive_fd(): EOF") && !line.Contains("(): unsupported proto "))
        || line.Contains(" fail: ") || line.Contains(" crit: ")
        || line.StartsWith("imsidecar: ", StringComparison.Ordinal)
        || line.StartsWith("Unhandled exception", StringComparison.Ordinal)
        || line.Contains("ERROR: AddressSanitizer") || line.Contains(": runtime error: ");

    private string[] Lines() => File.Exists(Log) ? File.ReadAllLines(Log) : [];

    private async Task<int> EndAsync(int signal)
    {
        if (!HasExited)
            _ = Kill(Id, signal);

        using var limit = new CancellationTokenSource(_patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw new TimeoutException($"the {_name} did not end within {_patience.TotalSeconds} s and was killed.");
        }

        return _process.ExitCode;
    }

    private static Process Shell(string script, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, .. arguments])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        })!;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
