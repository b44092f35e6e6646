using System.Globalization;

namespace ImSidecar.EndToEnd.Tests.Faults;

/// <summary>What a process takes of the machine, from /proc.</summary>
internal static class Meter
{
    private const int TicksPerSecond = 100;

    public static long ResidentBytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status")
            .First(each => each.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(':', 'k')[1].Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>CPU time so far.</summary>
    public static TimeSpan CpuTime(int process)
    {
        // Behind the name, which may hold anything but another bracket: state is field 3, utime 14, stime 15.
        var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');
        var ticks = fields[11..13].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }
}
