using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Size;

/// <summary>What sidecar and Kamailio take at a moment, in bytes.</summary>
internal sealed record Usage
{
    /// <summary>Anonymous memory of the sidecar.</summary>
    public long Sidecar { get; init; }

    /// <summary>Its managed heap, what is not yet collected counted.</summary>
    public long Heap { get; init; }

    /// <summary>What it has written to files since it started.</summary>
    public long Written { get; init; }

    /// <summary>Kamailio's shared memory in use, and the most there ever was.</summary>
    public long Shared { get; init; }

    public long SharedPeak { get; init; }

    /// <summary>Anonymous memory of Kamailio's processes, the link to the sidecar among them.</summary>
    public long Kamailio { get; init; }

    public int Participants { get; init; }

    public int Conferences { get; init; }

    public static async Task<Usage> OfAsync(DemoProfile profile)
    {
        using var health = JsonDocument.Parse(await profile.Http.GetStringAsync("/health/ready"));
        var shared = await SharedAsync(profile.ControlSocket);
        return new()
        {
            Sidecar = Anonymous(profile.Sidecar.Id),
            Heap = health.RootElement.GetProperty("heapBytes").GetInt64(),
            Written = Field($"/proc/{profile.Sidecar.Id}/io", "wchar:"),
            Shared = shared.Used,
            SharedPeak = shared.Peak,
            Kamailio = Children(profile.Kamailio.Id).Sum(Anonymous),
            Participants = health.RootElement.GetProperty("participants").GetInt32(),
            Conferences = health.RootElement.GetProperty("conferences").GetInt32(),
        };
    }

    /// <summary>What each of so many has cost since then.</summary>
    public string PerEach(Usage before, int count) => string.Create(CultureInfo.InvariantCulture,
        $"sidecar {(Sidecar - before.Sidecar) / 1024.0 / count:0.0} KiB (heap {(Heap - before.Heap) / 1024.0 / count:0.0}), "
        + $"written {(Written - before.Written) / 1024.0 / count:0.0} KiB, Kamailio shared "
        + $"{(Shared - before.Shared) / 1024.0 / count:0.0} KiB (peak {(SharedPeak - before.Shared) / 1024.0 / count:0.0}), "
        + $"private {(Kamailio - before.Kamailio) / 1024.0 / count:0.0} KiB");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"sidecar {Sidecar >> 20} MiB (heap {Heap >> 20}), Kamailio shared {Shared >> 20} MiB (peak {SharedPeak >> 20}), "
        + $"private {Kamailio >> 20} MiB");

    private static async Task<(long Used, long Peak)> SharedAsync(string socket)
    {
        using var kamcmd = Process.Start(new ProcessStartInfo("kamcmd", ["-s", $"unixs:{socket}", "core.shmmem"])
        {
            RedirectStandardOutput = true,
        })!;
        var lines = (await kamcmd.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.TrimEntries);
        await kamcmd.WaitForExitAsync();
        return (Number(lines, "real_used:"), Number(lines, "max_used:"));
    }

    private static IEnumerable<int> Children(int parent) =>
        Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture,
                out var id) ? id : 0)
            .Where(id => id > 0 && Field($"/proc/{id}/status", "PPid:") == parent);

    private static long Anonymous(int process) => Field($"/proc/{process}/status", "RssAnon:") * 1024;

    private static long Field(string file, string name)
    {
        try
        {
            return Number(File.ReadAllLines(file), name);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static long Number(IEnumerable<string> lines, string name)
    {
        var line = lines.FirstOrDefault(each => each.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(
            line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
