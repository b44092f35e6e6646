using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Telemetry.Logging;

/// <summary>What both line formats have: whatever a peer has sent, it stays one line and moves no cursor.</summary>
internal static class OneLine
{
    public static void Write<TState>(TextWriter line, in LogEntry<TState> entry)
    {
        line.Write(entry.Category);
        line.Write('[');
        line.Write(entry.EventId.Id.ToString(CultureInfo.InvariantCulture));
        line.Write("] ");
        Write(line, entry.Formatter(entry.State, entry.Exception));
        if (entry.Exception is { } exception)
        {
            line.Write(' ');
            Write(line, exception.ToString());
        }

        line.Write('\n');
    }

    private static void Write(TextWriter line, string text)
    {
        foreach (var each in text)
            line.Write(char.IsControl(each) ? ' ' : each);
    }
}

/// <summary>The names of levels.</summary>
internal static class LogLevels
{
    public static string ShortOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    /// <summary>As sd-daemon.h has them.</summary>
    public static string PriorityOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "<7>",
        LogLevel.Information => "<6>",
        LogLevel.Warning => "<4>",
        LogLevel.Error => "<3>",
        _ => "<2>",
    };
}
