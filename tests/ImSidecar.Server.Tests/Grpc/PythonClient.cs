using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ImSidecar.Server.Tests.Grpc;

/// <summary>grpc_client.py: a real gRPC client (python3-grpcio) in its own process.</summary>
internal sealed class PythonClient : IDisposable
{
    private const string Missing = "The gRPC tests need python3-grpcio: apt-get install python3-grpcio";
    private const int ExitMissing = 77;

    private readonly Process _process;

    private PythonClient(Process process) => _process = process;

    public static PythonClient Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/python3")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Grpc", "grpc_client.py"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        try
        {
            return new PythonClient(Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException(Missing);
        }
    }

    /// <summary>Runs one scenario to its end; it prints nothing and exits with 0 when all it saw was right.</summary>
    public static async Task RunAsync(params string[] arguments)
    {
        using var client = Start(arguments);
        await client.AssertSucceedsAsync();
    }

    public async Task<string?> ReadLineAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(GrpcTestHost.Patience);
        if (line is null)
            await AssertSucceedsAsync();

        return line;
    }

    /// <summary>SIGKILL: no goodbye on the connection but what the kernel sends.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGSTOP: the connection stays open and nobody answers on it.</summary>
    public async Task FreezeAsync()
    {
        using var stop = Process.Start("kill", ["-STOP", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();

        _process.Dispose();
    }

    private async Task AssertSucceedsAsync()
    {
        var errors = await _process.StandardError.ReadToEndAsync().WaitAsync(GrpcTestHost.Patience);
        await _process.WaitForExitAsync().WaitAsync(GrpcTestHost.Patience);
        Assert.True(_process.ExitCode != ExitMissing, Missing);
        Assert.True(_process.ExitCode == 0, errors);
    }
}
