using System.Globalization;

namespace ImSidecar.Cli.Terminal;

/// <summary>Times, always UTC.</summary>
internal static class Times
{
    public static string Iso(long seconds) => Iso(DateTimeOffset.FromUnixTimeSeconds(seconds), "yyyy-MM-ddTHH:mm:ssZ");

    public static string IsoOfMilliseconds(long milliseconds) =>
        Iso(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), "yyyy-MM-ddTHH:mm:ss.fffZ");

    public static string Clock(long milliseconds) =>
        Iso(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), "HH:mm:ss.fff");

    /// <summary>3 d 4 h, 4 h 5 min, 5 min 6 s or 6 s.</summary>
    public static string Span(long seconds)
    {
        var span = TimeSpan.FromSeconds(seconds);
        return span switch
        {
            { Days: > 0 } => Text($"{span.Days} d {span.Hours} h"),
            { Hours: > 0 } => Text($"{span.Hours} h {span.Minutes} min"),
            { Minutes: > 0 } => Text($"{span.Minutes} min {span.Seconds} s"),
            _ => Text($"{span.Seconds} s"),
        };
    }

    /// <summary>1 session, 2 sessions.</summary>
    public static string Count(long count, string what) => Text($"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Iso(DateTimeOffset time, string format) =>
        time.ToString(format, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
