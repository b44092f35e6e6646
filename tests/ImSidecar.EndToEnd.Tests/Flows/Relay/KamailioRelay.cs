using System.Net.Sockets;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.EndToEnd.Tests.Flows.Relay;

/// <summary>Kamailio with its msrp module as a relay, RFC 4976; every user's password is "demo".</summary>
internal sealed class KamailioRelay : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-relay.").FullName;
    private OwnedProcess? _process;

    public static MsrpUri Uri => new("127.0.0.1", 2862, null);

    public async Task StartAsync()
    {
        var configuration = Path.Combine(
            Built.Root, "tests", "ImSidecar.EndToEnd.Tests", "Flows", "Relay", "kamailio-relay.cfg");
        _process = OwnedProcess.Start(
            "kamailio-relay", _folder, "kamailio", "-DD", "-E", "-f", configuration, "-Y", _folder, "-w", _folder,
            "-P", Path.Combine(_folder, "pid"), "-m", "64", "-M", "8");
        await ListeningAsync(_process, Uri);
    }

    /// <summary>Until somebody takes connections there.</summary>
    public static async Task ListeningAsync(OwnedProcess process, MsrpUri uri)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            process.ThrowIfExited();
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(uri.Host, uri.EffectivePort);
                return;
            }
            catch (SocketException)
            {
                await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
