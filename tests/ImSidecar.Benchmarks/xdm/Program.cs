using System.Globalization;

namespace ImSidecar.Benchmarks.Xdm;

/// <summary>One mode for each thing that is measured; what is compared takes turns in one run.</summary>
internal static class Program
{
    private static readonly Dictionary<string, Func<TimeSpan, Task<bool>>> _modes = new()
    {
        ["rules"] = RuleBench.RunAsync,
        ["session"] = SessionBench.RunAsync,
        ["cache"] = CacheBench.RunAsync,
        ["xcap"] = XcapBench.RunAsync,
    };

    /// <summary>MODE SECONDS: how long each side of a comparison is measured; fails when a mode says so.</summary>
    public static async Task<int> Main(string[] args)
    {
        if (args is [var mode, var seconds] && _modes.TryGetValue(mode, out var run)
            && double.TryParse(seconds, CultureInfo.InvariantCulture, out var each) && each is > 0 and <= 3600)
            return await run(TimeSpan.FromSeconds(each)) ? 0 : 1;

        await Console.Error.WriteLineAsync($"usage: {string.Join('|', _modes.Keys)} SECONDS");
        return 2;
    }
}
