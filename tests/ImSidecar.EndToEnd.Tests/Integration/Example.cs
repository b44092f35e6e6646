using System.Security.Cryptography;
using System.Text;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Integration;

/// <summary>A configuration that integrators start from, as it is but for its files, which are in a folder.</summary>
internal static class Example
{
    private static readonly string _routes = Path.Combine(Built.Root, "kamailio", "routes");

    /// <summary>Users of the examples that have digest; the password of each is "demo".</summary>
    private static readonly string[] _users = ["alice", "bob", "carol"];

    public static string Read(string name) => File.ReadAllText(Path.Combine(_routes, name));

    public static string PathOf(string name) => Path.Combine(_routes, name);

    public static ProfileOptions Profile(string configuration, bool captures = true) => new()
    {
        Sidecar = ["--Gateway:NextHop=", "--Participating:Domains:0=example.com"],
        KamailioConfiguration = folder => Prepare(folder, configuration),
        Captures = captures,
    };

    private static string Prepare(string folder, string configuration)
    {
        foreach (var include in Directory.GetFiles(_routes, "im-*.cfg"))
            File.Copy(include, Path.Combine(folder, Path.GetFileName(include)), overwrite: true);
        PutUsers(Directory.CreateDirectory(Path.Combine(folder, "dbtext")).FullName);
        File.WriteAllText(Path.Combine(folder, "address.list"), "1 127.0.0.1 32 0\n");

        var file = Path.Combine(folder, "kamailio.cfg");
        File.WriteAllText(file, configuration
            .Replace("/etc/kamailio/", folder + "/", StringComparison.Ordinal)
            .Replace("unix:/run/imsidecar/", $"unix:{folder}/", StringComparison.Ordinal)
            .Replace("\"im_sidecar.so\"", $"\"{Built.Module}\"", StringComparison.Ordinal));
        return file;
    }

    private static void PutUsers(string folder)
    {
        var table = new StringBuilder("id(int,auto) username(string) domain(string) ha1(string)\n");
        foreach (var (number, user) in _users.Index())
            table.Append($"{number + 1}:{user}:example.com:{Proof(user)}\n");
        File.WriteAllText(Path.Combine(folder, "subscriber"), table.ToString());
        File.WriteAllText(
            Path.Combine(folder, "version"), "table_name(string) table_version(int)\nsubscriber:7\n");
    }

    // HTTP Digest of old, which is what Kamailio's table holds.
#pragma warning disable CA5351
    private static string Proof(string user) =>
        Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes($"{user}:example.com:demo")));
#pragma warning restore CA5351
}
