using System.Security.Cryptography;
using System.Text;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.EndToEnd.Tests.Flows.Relay;

/// <summary>A sidecar that is there for its relay; the users' passwords are "demo".</summary>
internal sealed class OurRelay : IAsyncDisposable
{
    private static readonly string[] _users = ["alice", "bob", "carol"];

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-relay.").FullName;
    private OwnedProcess? _process;

    public static MsrpUri Uri => new("127.0.0.1", 2861, null);

    /// <summary>Of the sidecar of the profile, when it has a relay.</summary>
    public static MsrpUri OfTheProfile => new("127.0.0.1", 2860, null);

    /// <summary>Settings of a sidecar with a relay; the file with its users is written to the folder.</summary>
    public static string[] Settings(string folder, MsrpUri uri)
    {
        var users = Path.Combine(folder, "relay-users");
        File.WriteAllLines(users, _users.Select(Line));
        return
        [
            $"--Relay:Listen={uri.Host}:{uri.EffectivePort}", $"--Relay:DigestFile={users}",
            "--Relay:AllowPlainAuth=true", "--Relay:AllowLoopbackTargets=true",
        ];
    }

    public async Task StartAsync(params IEnumerable<string> settings)
    {
        _process = OwnedProcess.Start(
            "relay", _folder, "dotnet",
            [
                Built.Sidecar, "--config", Built.SidecarConfiguration, "--Http:Listen=127.0.0.1:8082",
                "--Msrp:Listen=127.0.0.1:2859", .. Settings(_folder, Uri),
                $"--Store:Path={Path.Combine(_folder, "relay.db")}",
                $"--Gateway:Socket={Path.Combine(_folder, "relay.sock")}",
                $"--Admin:Socket={Path.Combine(_folder, "admin.sock")}", .. settings,
            ]);
        await KamailioRelay.ListeningAsync(_process, Uri);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Line(string user) =>
        $"{user}:example.com:"
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{user}:example.com:demo")));
}
