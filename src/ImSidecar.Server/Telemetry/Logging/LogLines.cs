using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ImSidecar.Server.Telemetry.Logging;

/// <summary>Puts the log on standard output, a line for each entry, as Logging:Format says.</summary>
internal static class LogLines
{
    public static ILoggingBuilder AddLogLines(this ILoggingBuilder logging, IConfiguration configuration)
    {
        // What is no format has been refused before.
        var format = Options(configuration).KnownFormat ?? LogFormat.Text;
        logging.AddConsole(console => console.FormatterName = format.ToString());
        return format == LogFormat.Json
            ? logging.AddConsoleFormatter<JsonLineFormatter, ConsoleFormatterOptions>()
            : format == LogFormat.Systemd
                ? logging.AddConsoleFormatter<SystemdLineFormatter, ConsoleFormatterOptions>()
                : logging.AddConsoleFormatter<TextLineFormatter, ConsoleFormatterOptions>();
    }

    private static LogOptions Options(IConfiguration configuration) =>
        configuration.GetSection(LogOptions.Section).Get<LogOptions>() ?? new();
}
