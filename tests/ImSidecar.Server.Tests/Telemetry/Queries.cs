using System.Text.Json;
using System.Text.RegularExpressions;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>The queries of the dashboard and of the alerts: which metrics they name, and which labels.</summary>
internal static partial class Queries
{
    // Prometheus itself puts them on what it scrapes.
    private static readonly string[] _ofPrometheus = ["instance", "job", "le"];

    public static IReadOnlyList<string> OfDashboard()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Shipped("grafana", "imsidecar.json")));
        return
        [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .Where(panel => panel.TryGetProperty("targets", out _))
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!),
        ];
    }

    public static IReadOnlyList<string> OfAlerts() =>
        [.. Expression().Matches(File.ReadAllText(Shipped("prometheus", "alerts.yml"))).Select(each => each.Value)];

    public static string Shipped(params string[] path)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ImSidecar.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return Path.Combine([folder, "packaging", .. path]);
    }

    /// <summary>Names of ours and of .NET.</summary>
    public static IReadOnlyList<string> Metrics(string query) =>
        [.. Metric().Matches(query).Select(each => each.Value).Distinct()];

    /// <summary>In selectors and behind by.</summary>
    public static IReadOnlyList<string> Labels(string query) =>
    [
        .. Selected().Matches(query).Select(each => each.Groups[1].Value)
            .Concat(By().Matches(query).SelectMany(each => each.Groups[1].Value.Split(',')))
            .Select(label => label.Trim())
            .Distinct().Except(_ofPrometheus),
    ];

    /// <summary>
    /// Each metric with the labels that its own selector names, and the values that they are compared with: those of an
    /// alternative one by one, none for one that only Grafana knows.
    /// </summary>
    public static IReadOnlyList<(string Metric, string Label, IReadOnlyList<string> Values)> Selectors(string query) =>
    [
        .. Selector().Matches(query).SelectMany(selector => Comparison().Matches(selector.Groups[2].Value)
            .Where(each => !_ofPrometheus.Contains(each.Groups[1].Value))
            .Select(each => (
                selector.Groups[1].Value, each.Groups[1].Value,
                (IReadOnlyList<string>)[.. each.Groups[2].Value.Split('|').Where(value => !value.Contains('$'))]))),
    ];

    [GeneratedRegex(@"\b((?:imsidecar|dotnet)_[a-z_]+)\{([^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex("([a-z_]+)(?:=~|!~|!=|=)\"([^\"]*)\"")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\b(imsidecar|dotnet)_[a-z_]+\b")]
    private static partial Regex Metric();

    [GeneratedRegex("([a-z_]+)(?:=~|!~|!=|=)\"")]
    private static partial Regex Selected();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex By();

    [GeneratedRegex(@"(?<=\n        expr: )[^\n]*(\n          [^\n]*)*")]
    private static partial Regex Expression();
}
