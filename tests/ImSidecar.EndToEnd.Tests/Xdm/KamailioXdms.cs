using System.Diagnostics;
using System.Net.Sockets;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Xdm;

/// <summary>An XDMS that we did not write: Kamailio with its module xcap_server, and curl to fill it.</summary>
internal sealed class KamailioXdms : IAsyncDisposable
{
    public const string Root = "http://127.0.0.1:8085/xcap-root/";
    private const string EmptyTables = "/usr/share/kamailio/dbtext/kamailio";

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-xdms.").FullName;
    private OwnedProcess? _kamailio;

    public static async Task<KamailioXdms> StartAsync()
    {
        var xdms = new KamailioXdms();
        foreach (var table in (string[])["xcap", "version"])
            File.Copy(Path.Combine(EmptyTables, table), Path.Combine(xdms._folder, table));
        await xdms.ResumeAsync();
        return xdms;
    }

    public async Task ResumeAsync()
    {
        _kamailio = OwnedProcess.Start(
            "kamailio", _folder, "kamailio", "-DD", "-E", "-m", "64",
            "-Y", _folder, "-P", Path.Combine(_folder, "pid"),
            "-A", $"DB_FOLDER=\"text://{_folder}\"",
            "-f", Path.Combine(Built.Root, "tests", "ImSidecar.EndToEnd.Tests", "Xdm", "xcap-server.cfg"));
        for (var limit = Stopwatch.StartNew(); !await IsListeningAsync(); await Task.Delay(50))
        {
            _kamailio.ThrowIfExited();
            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(20), "Kamailio does not listen: " + _kamailio.LastError());
        }
    }

    /// <summary>Written to its files, and gone.</summary>
    public async Task StopAsync()
    {
        await _kamailio!.DisposeAsync();
        _kamailio = null;
    }

    /// <summary>The new ETag, with its quotes.</summary>
    public async Task<string> PutAsync(string path, string type, string body)
    {
        var file = Path.Combine(_folder, "body.xml");
        await File.WriteAllTextAsync(file, body);
        var head = await CurlAsync("-T", file, "-H", "Content-Type: " + type, Root + path);
        return Assert.Single(head.Split("\r\n"), line => line.StartsWith("ETag: ", StringComparison.Ordinal))[6..];
    }

    public static Task DeleteAsync(string path) => CurlAsync("-X", "DELETE", Root + path);

    public async ValueTask DisposeAsync()
    {
        if (_kamailio is not null)
            await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<string> CurlAsync(params string[] arguments)
    {
        using var curl = Process.Start(new ProcessStartInfo("curl", ["-s", "-i", "-f", "-m", "10", .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
        var head = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        Assert.True(curl.ExitCode == 0, $"curl ended with {curl.ExitCode}: {head}");
        return head;
    }

    private static async Task<bool> IsListeningAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", 8085);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
