using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Telemetry.Logging;

/// <summary>Puts the log on standard output, a line for each entry, as Logging:Format says.</summary>
internal static class LogLines
{
    private const string Key = "Logging:Format";

    public static ILoggingBuilder AddLogLines(this ILoggingBuilder logging, IConfiguration configuration)
    {
        var format = FormatOf(configuration[Key]);
        logging.AddConsole(console => console.FormatterName = format.ToString());
        return format == LogFormat.Json
            ? logging.AddConsoleFormatter<JsonLineFormatter, ConsoleFormatterOptions>()
            : format == LogFormat.Systemd
                ? logging.AddConsoleFormatter<SystemdLineFormatter, ConsoleFormatterOptions>()
                : logging.AddConsoleFormatter<TextLineFormatter, ConsoleFormatterOptions>();
    }

    private static LogFormat FormatOf(string? text) => text?.ToLowerInvariant() switch
    {
        null or "" => Journal.IsOutput() ? LogFormat.Systemd : LogFormat.Text,
        "text" => LogFormat.Text,
        "json" => LogFormat.Json,
        "systemd" => LogFormat.Systemd,
        _ => throw new OptionsValidationException(
            "Logging", typeof(LogFormat), [$"{Key} must be text, json or systemd, not \"{text}\""]),
    };
}
