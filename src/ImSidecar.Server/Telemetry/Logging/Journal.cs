namespace ImSidecar.Server.Telemetry.Logging;

/// <summary>Whether standard output is journald, as sd-daemon's JOURNAL_STREAM says.</summary>
internal static class Journal
{
    public static bool IsOutput() => IsStream(
        Environment.GetEnvironmentVariable("JOURNAL_STREAM"),
        new FileInfo("/proc/self/fd/1").LinkTarget);

    /// <summary>The variable is inherited by whoever writes elsewhere: its inode must be that of our output.</summary>
    internal static bool IsStream(string? variable, string? output) =>
        variable?.Split(':') is [_, var inode] && output == $"socket:[{inode}]";
}
