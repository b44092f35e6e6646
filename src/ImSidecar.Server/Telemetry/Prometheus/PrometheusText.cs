using System.Globalization;
using System.Text;

namespace ImSidecar.Server.Telemetry.Prometheus;

/// <summary>Writes metrics in Prometheus' text format 0.0.4, or in OpenMetrics 1.0.0.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    public static string Write(IEnumerable<IGrouping<string, CollectedInstrument>> metrics, bool isOpenMetrics)
    {
        var text = new StringBuilder(32 * 1024);
        foreach (var metric in metrics)
            Write(text, [.. metric], isOpenMetrics);
        if (isOpenMetrics)
            text.Append("# EOF\n");
        return text.ToString();
    }

    /// <summary>Dots become underscores, and the unit stands behind.</summary>
    public static string NameOf(string name, string unit)
    {
        var plain = Plain(name);
        var suffix = UnitOf(unit);
        return suffix.Length == 0 || plain.EndsWith("_" + suffix, StringComparison.Ordinal)
            ? plain
            : plain + "_" + suffix;
    }

    private static void Write(StringBuilder text, CollectedInstrument[] instruments, bool isOpenMetrics)
    {
        // Several of one name are several parts of the process: together they are one.
        var first = instruments[0];
        var name = NameOf(first.Name, first.Unit);
        var sample = first.Kind == MetricKind.Counter ? name + "_total" : name;
        var family = isOpenMetrics ? name : sample;
        var help = Escape(first.Description, isQuoted: isOpenMetrics);
        text.Append("# HELP ").Append(family).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(family).Append(' ').Append(TypeOf(first.Kind)).Append('\n');
        if (UnitOf(first.Unit) is { Length: > 0 } unit)
            text.Append("# UNIT ").Append(family).Append(' ').Append(unit).Append('\n');

        foreach (var group in instruments.SelectMany(each => each.Series).GroupBy(each => LabelsOf(each.Labels)))
        {
            if (first.Kind == MetricKind.Histogram)
                WriteHistogram(text, name, group.Key, first.Bounds!, [.. group]);
            else
                Sample(text, sample, "", group.Key, group.Sum(each => each.Read().Sum));
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, double[] bounds, Series[] series)
    {
        var sum = 0.0;
        var count = 0L;
        var buckets = new long[bounds.Length + 1];
        foreach (var read in series.Select(each => each.Read()))
        {
            sum += read.Sum;
            count += read.Count;
            for (var i = 0; i < buckets.Length; i++)
                buckets[i] += read.Buckets[i];
        }

        for (var i = 0; i < buckets.Length; i++)
        {
            var bound = i < bounds.Length ? Bound(bounds[i]) : "+Inf";
            Sample(text, name, "_bucket", (labels.Length > 0 ? labels + "," : "") + $"le=\"{bound}\"", buckets[i]);
        }

        Sample(text, name, "_sum", labels, sum);
        Sample(text, name, "_count", labels, count);
    }

    private static void Sample(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string LabelsOf(KeyValuePair<string, string>[] labels) =>
        string.Join(',', labels.Select(label => $"{Plain(label.Key)}=\"{Escape(label.Value, isQuoted: true)}\""));

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string UnitOf(string unit) => unit switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "1" => "ratio",
        _ => "",
    };

    private static string Plain(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var each in name)
            plain.Append(char.IsAsciiLetterOrDigit(each) ? each : '_');
        return char.IsAsciiDigit(plain[0]) ? "_" + plain : plain.ToString();
    }

    private static string Escape(string text, bool isQuoted)
    {
        var escaped = text
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        return isQuoted ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static string Bound(double bound) =>
        bound == Math.Floor(bound) ? bound.ToString("0.0", CultureInfo.InvariantCulture) : Number(bound);

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);
}
