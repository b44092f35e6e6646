using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace ImSidecar.Server.Telemetry.Prometheus;

/// <summary>
/// One instrument and its series. There are never more of them than a few: what comes beyond is told in one series
/// that says so.
/// </summary>
internal sealed class CollectedInstrument
{
    public const int MostSeries = 256;
    private static readonly TagValues _overflow = new("otel.metric.overflow", null, null, null);

    private readonly ConcurrentDictionary<TagValues, Series> _series = new();
    private readonly bool _isObserved;

    public CollectedInstrument(Instrument instrument)
    {
        Name = instrument.Name;
        Unit = instrument.Unit ?? "";
        Description = instrument.Description ?? "";
        _isObserved = instrument.IsObservable;
        var type = instrument.GetType();
        var kind = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        Kind = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? MetricKind.Counter
            : kind == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
        Adds = !_isObserved && kind != typeof(Gauge<>);
        if (Kind == MetricKind.Histogram)
            Bounds = BoundsOf(instrument);
    }

    public string Name { get; }

    public string Unit { get; }

    public string Description { get; }

    public MetricKind Kind { get; }

    public double[]? Bounds { get; }

    private bool Adds { get; }

    public IEnumerable<Series> Series => _series.Values;

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, long round)
    {
        var series = Find(tags);
        if (Kind == MetricKind.Histogram)
            series.Record(value);
        else if (Adds)
            series.Add(value);
        else
            series.Set(value, round);
    }

    /// <summary>What an instrument that was just looked at does not show any more is over.</summary>
    public void DropBefore(long round)
    {
        if (!_isObserved)
            return;

        foreach (var (key, series) in _series)
        {
            if (series.Round < round)
                _series.TryRemove(key, out _);
        }
    }

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = TagValues.Of(tags);
        if (_series.TryGetValue(key, out var series))
            return series;

        if (_series.Count >= MostSeries)
        {
            return _series.GetOrAdd(
                _overflow, static (_, bounds) => new([new("otel.metric.overflow", "true")], bounds), Bounds);
        }

        var labels = new KeyValuePair<string, string>[tags.Length];
        for (var i = 0; i < tags.Length; i++)
            labels[i] = new(tags[i].Key, Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "");
        return _series.GetOrAdd(key, new Series(labels, Bounds));
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { Count: > 0 } bounds } =>
            [.. bounds.Select(bound => (double)bound)],
        _ => Instruments.Seconds,
    };

    // An instrument gives its labels always in the same order.
    private readonly record struct TagValues(object? First, object? Second, object? Third, string? More)
    {
        public static TagValues Of(ReadOnlySpan<KeyValuePair<string, object?>> tags) => tags.Length switch
        {
            0 => default,
            1 => new(tags[0].Value, null, null, null),
            2 => new(tags[0].Value, tags[1].Value, null, null),
            3 => new(tags[0].Value, tags[1].Value, tags[2].Value, null),
            _ => new(tags[0].Value, tags[1].Value, tags[2].Value, Rest(tags[3..])),
        };

        private static string Rest(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = "";
            foreach (var tag in tags)
                text += "\n" + Convert.ToString(tag.Value, CultureInfo.InvariantCulture);
            return text;
        }
    }
}

/// <summary>How Prometheus sees an instrument.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
