using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ImSidecar.Server.Telemetry.Logging;

/// <summary>Time, level, category and number of the entry, message and what was thrown, on one line.</summary>
internal sealed class TextLineFormatter() : ConsoleFormatter(nameof(LogFormat.Text))
{
    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture));
        textWriter.Write(LogLevels.ShortOf(logEntry.LogLevel));
        textWriter.Write(": ");
        OneLine.Write(textWriter, logEntry);
    }
}

/// <summary>The same for journald: the level as it counts them, no time.</summary>
internal sealed class SystemdLineFormatter() : ConsoleFormatter(nameof(LogFormat.Systemd))
{
    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(LogLevels.PriorityOf(logEntry.LogLevel));
        OneLine.Write(textWriter, logEntry);
    }
}
