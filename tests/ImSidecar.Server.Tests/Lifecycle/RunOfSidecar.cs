using System.Diagnostics;
using System.Net.Sockets;
using ImSidecar.Msrp.Tests.Transport;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>The program as an operator starts it, in a folder that goes away; its ports are free ones.</summary>
internal sealed class RunOfSidecar : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, string> _nothing = [];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-run-");

    public RunOfSidecar()
    {
        File = PathOf("imsidecar.json");
        System.IO.File.WriteAllText(File, $$"""
            {
              "Gateway": { "Socket": "{{PathOf("gateway.sock")}}" },
              "Admin": { "Socket": "{{PathOf("admin.sock")}}" },
              "Http": { "Listen": "127.0.0.1:{{FreePort.Next()}}" },
              "Msrp": { "Listen": "127.0.0.1:{{FreePort.Next()}}" },
              "Store": { "Path": "{{PathOf("imsidecar.db")}}" }
            }
            """);
    }

    public string File { get; }

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Runs it to its end, which has to come by itself; code, standard output, lines of standard error.</summary>
    public async Task<(int Code, string Output, string[] Errors)> ToEndAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException("It goes on: " + await output + await errors);
        }

        return (process.ExitCode, await output, (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Starts it with the file, unless the arguments name another one.</summary>
    public Process Start(params IReadOnlyList<string> arguments) => Start(_nothing, arguments);

    public Process Start(IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> arguments)
    {
        string[] file = arguments.Any(each => each.StartsWith("--config", StringComparison.Ordinal))
            ? [] : ["--config", File];
        var role = arguments.Count > 0 && !arguments[0].StartsWith('-') ? 1 : 0;
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "imsidecar.dll"),
                .. arguments.Take(role), .. file, .. arguments.Skip(role),
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Its gateway is open; the file alone is there for a moment before, when it looks whether it can be made.</summary>
    public async Task UntilListensAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(_patience);
        while (!await ListensAsync(patience.Token))
            await Task.Delay(50, patience.Token);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<bool> ListensAsync(CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathOf("gateway.sock")), cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
