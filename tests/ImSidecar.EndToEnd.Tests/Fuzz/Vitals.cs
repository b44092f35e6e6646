using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Fuzz;

/// <summary>What grows when something leaks: memory of both processes, and what the module remembers.</summary>
internal sealed partial record Vitals(
    long Shared, long Private, long KamailioResident, long SidecarResident, IReadOnlyDictionary<string, long> Counters)
{
    // tcp_rd_buf_size: how many connections stand at the moment says nothing of leaks.
    private const int ConnectionSize = 1 << 20;

    private static readonly string[] _counters =
        ["held", "awaiting_ack", "transactions", "keys", "waiting_for_window", "queued", "unconfirmed"];

    /// <summary>Nothing is under way in the module.</summary>
    public bool IsQuiet => Counters.Values.All(value => value == 0);

    public static async Task<Vitals> TakeAsync(DemoProfile profile)
    {
        var status = await AskAsync(profile, "im_sidecar.status");
        var connections = Values(await AskAsync(profile, "core.tcp_info"), "opened_connections")[0];
        return new(
            Values(await AskAsync(profile, "core.shmmem"), "used")[0] - connections * ConnectionSize,
            Values(await AskAsync(profile, "pkg.stats"), "used").Sum(),
            Tree(profile.Kamailio.Id).Sum(id => Kilobytes(id, "RssAnon")) * 1024,
            Tree(profile.Sidecar.Id).Sum(id => Kilobytes(id, "RssAnon")) * 1024,
            _counters.ToDictionary(name => name, name => Values(status, name)[0]));
    }

    public override string ToString() =>
        $"shm {Shared / 1024} KiB, pkg {Private / 1024} KiB, Kamailio {KamailioResident / 1024} KiB, sidecar "
        + $"{SidecarResident / 1024} KiB, {string.Join(", ", Counters.Select(each => $"{each.Key} {each.Value}"))}";

    private static async Task<string> AskAsync(DemoProfile profile, string command)
    {
        using var kamcmd = Process.Start(
            new ProcessStartInfo("kamcmd", ["-s", $"unixs:{profile.ControlSocket}", command])
            {
                RedirectStandardOutput = true,
            })!;
        var output = await kamcmd.StandardOutput.ReadToEndAsync();
        await kamcmd.WaitForExitAsync();
        return output;
    }

    private static long[] Values(string output, string name) =>
    [
        .. Value().Matches(output)
            .Where(match => match.Groups[1].Value == name)
            .Select(match => long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)),
    ];

    // A process and all that it started.
    private static IEnumerable<int> Tree(int root)
    {
        var parents = Directory.GetDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .ToDictionary(id => id, id => (int)Kilobytes(id, "PPid"));
        return parents.Keys.Where(id =>
        {
            for (var at = id; at > 1; at = parents.GetValueOrDefault(at))
            {
                if (at == root)
                    return true;
            }

            return false;
        });
    }

    private static long Kilobytes(int process, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(Digits().Match(line).Value, CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [GeneratedRegex(@"(\w+): (\d+)")]
    private static partial Regex Value();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();
}
