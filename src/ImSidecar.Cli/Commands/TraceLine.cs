using System.Globalization;
using ImSidecar.Admin.V1;
using ImSidecar.Cli.Terminal;

namespace ImSidecar.Cli.Commands;

/// <summary>One line of a trace: when, which way, what, about whom.</summary>
internal static class TraceLine
{
    public static string Of(TraceItem item) =>
        item.Kind == "missed"
            ? $"{Times.Clock(item.AtMs)}  {item.Missed} lines missed, they came too fast"
            : $"{Times.Clock(item.AtMs)}  {Arrow(item.Kind)}  {What(item),-14}  {Rest(item)}".TrimEnd();

    private static string Arrow(string kind) => kind switch
    {
        "in" => "->|  ",
        "out" => "  |->",
        "leg" => "msrp ",
        "timer" => "timer",
        _ => "  |  ",
    };

    private static string What(TraceItem item) =>
        item.Kind == "decision" ? string.Create(CultureInfo.InvariantCulture, $"revision {item.Revision}") : item.What;

    private static string Rest(TraceItem item) => string.Join("  ", Parts(item));

    private static IEnumerable<string> Parts(TraceItem item)
    {
        if (item.Participant.Length > 0)
            yield return item.Participant;
        if (item.From.Length > 0 || item.To.Length > 0)
            yield return $"{item.From} -> {item.To}";
        else if (item.Uri.Length > 0)
            yield return item.Uri;
        if (item.Detail.Length > 0)
            yield return item.Detail;
        if (item.CallId.Length > 0)
            yield return "Call-ID " + item.CallId;
    }
}
