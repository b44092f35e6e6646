using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>Reads Prometheus' text format and OpenMetrics, and takes nothing that is not as specified.</summary>
internal sealed partial class PrometheusParser
{
    private readonly bool _isOpenMetrics;
    private readonly Dictionary<string, Family> _families = [];
    private readonly HashSet<string> _series = [];
    private Family? _current;

    private PrometheusParser(bool isOpenMetrics) => _isOpenMetrics = isOpenMetrics;

    public static IReadOnlyDictionary<string, Family> Parse(string text, bool isOpenMetrics = false)
    {
        var parser = new PrometheusParser(isOpenMetrics);
        Require(text.Length > 0 && text[^1] == '\n', "the last line does not end");
        var lines = text[..^1].Split('\n');
        if (isOpenMetrics)
        {
            Require(lines[^1] == "# EOF", "no # EOF");
            lines = lines[..^1];
        }

        foreach (var line in lines)
            parser.Line(line);
        foreach (var family in parser._families.Values.Where(each => each.Type == "histogram"))
            CheckHistogram(family);
        return parser._families;
    }

    private void Line(string line)
    {
        if (Comment().Match(line) is { Success: true } comment)
            Metadata(comment.Groups[1].Value, comment.Groups[2].Value, comment.Groups[3].Value);
        else
            Sample(line);
    }

    private void Metadata(string kind, string name, string rest)
    {
        if (_current?.Name != name)
        {
            Require(!_families.ContainsKey(name), $"{name} is in two places");
            _families[name] = _current = new(name);
        }

        Require(_current.Samples.Count == 0, $"{kind} of {name} stands behind its samples");
        switch (kind)
        {
            case "HELP":
                Require(_current.Help is null, $"two HELP of {name}");
                _current.Help = Unescape(rest, isQuoted: _isOpenMetrics);
                break;
            case "TYPE":
                Require(_current.Type is null && rest is ("counter" or "gauge" or "histogram"), $"TYPE {name}: {rest}");
                _current.Type = rest;
                break;
            default:
                Require(!_isOpenMetrics || name.EndsWith("_" + rest, StringComparison.Ordinal), $"{name} not in {rest}");
                break;
        }
    }

    private void Sample(string line)
    {
        var match = SampleLine().Match(line);
        Require(match.Success && _current is { Type: not null }, $"neither comment nor sample: {line}");
        var name = match.Groups[1].Value;
        var suffix = name.StartsWith(_current!.Name, StringComparison.Ordinal) ? name[_current.Name.Length..] : "?";
        var allowed = _current.Type switch
        {
            "histogram" => suffix is "_bucket" or "_sum" or "_count",
            "counter" when _isOpenMetrics => suffix == "_total",
            "counter" => suffix.Length == 0 && name.EndsWith("_total", StringComparison.Ordinal),
            _ => suffix.Length == 0,
        };
        Require(allowed, $"{name} is no sample of {_current.Name}");
        Require(_series.Add(name + match.Groups[2].Value), $"{line} is there twice");
        var value = Number(match.Groups[3].Value);
        Require(_current.Type == "gauge" || value >= 0, $"{line} is less than nothing");
        _current.Samples.Add(new(suffix, Labels(match.Groups[2].Value), value));
    }

    private static Dictionary<string, string> Labels(string text)
    {
        var labels = new Dictionary<string, string>();
        var read = 0;
        foreach (Match label in Label().Matches(text))
        {
            Require(label.Index == read, $"labels {text}");
            labels.Add(label.Groups[1].Value, Unescape(label.Groups[2].Value, isQuoted: true));
            read = label.Index + label.Length;
        }

        Require(read == text.Length && !text.EndsWith(','), $"labels {text}");
        return labels;
    }

    private static void CheckHistogram(Family family)
    {
        foreach (var series in family.Samples.GroupBy(each => string.Join(',', each.Labels
            .Where(label => label.Key != "le").Select(label => $"{label.Key}={label.Value}").Order())))
        {
            var buckets = series.Where(each => each.Suffix == "_bucket").ToList();
            var bounds = buckets.Select(each => Number(each.Labels["le"])).ToList();
            Require(bounds.SequenceEqual(bounds.Order().Distinct()), $"buckets of {family.Name} are not in order");
            Require(double.IsPositiveInfinity(bounds[^1]), $"{family.Name} has no bucket for all");
            Require(buckets.Select(each => each.Value).SequenceEqual(buckets.Select(each => each.Value).Order()),
                $"buckets of {family.Name} do not add up");
            var count = series.Single(each => each.Suffix == "_count").Value;
            Require(count == buckets[^1].Value, $"_count of {family.Name}");
            Require(series.Count(each => each.Suffix == "_sum") == 1, $"_sum of {family.Name}");
        }
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    private static string Unescape(string text, bool isQuoted)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                Require(!isQuoted || text[i] != '"', $"a quote in {text}");
                plain.Append(text[i]);
                continue;
            }

            i++;
            var isEscape = i < text.Length && (text[i] is '\\' or 'n' || (isQuoted && text[i] == '"'));
            Require(isEscape, $"an escape in {text}");
            plain.Append(text[i] == 'n' ? '\n' : text[i]);
        }

        return plain.ToString();
    }

    private static void Require(bool condition, string complaint)
    {
        if (!condition)
            throw new FormatException(complaint);
    }

    [GeneratedRegex("^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$")]
    private static partial Regex Comment();

    [GeneratedRegex("^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.+)\\})? ([^ ]+)$")]
    private static partial Regex SampleLine();

    [GeneratedRegex("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\",?")]
    private static partial Regex Label();

    internal sealed class Family(string name)
    {
        public string Name => name;

        public string? Help { get; set; }

        public string? Type { get; set; }

        public List<PrometheusSample> Samples { get; } = [];
    }
}

/// <summary>One line: what stands behind the name of its family, its labels and its value.</summary>
internal sealed record PrometheusSample(string Suffix, IReadOnlyDictionary<string, string> Labels, double Value);
