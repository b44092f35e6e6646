using System.Diagnostics.Metrics;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Telemetry.Prometheus;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>What Prometheus reads of instruments, and what of them is never told.</summary>
public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter = new(Instruments.MeterName);
    private readonly MetricCollector _collector = new();
    private readonly string _name = "imsidecar.test." + Guid.NewGuid().ToString("N");

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void A_counter_is_named_with_its_unit_and_total()
    {
        var counter = _meter.CreateCounter<long>(_name, "By", "Bytes");

        counter.Add(2, new Tag("direction", "receive"));
        counter.Add(3, new Tag("direction", "receive"));
        counter.Add(7, new Tag("direction", "transmit"));

        var family = Read("_bytes_total");
        Assert.Equal("counter", family.Type);
        Assert.Equal(
            [("receive", 5), ("transmit", 7)],
            family.Samples.Select(each => (each.Labels["direction"], each.Value)).Order());
    }

    [Fact]
    public void What_goes_up_and_down_is_a_gauge()
    {
        var counter = _meter.CreateUpDownCounter<int>(_name, "{leg}", "Legs");

        counter.Add(3);
        counter.Add(-1);

        Assert.Equal(("gauge", 2), Only(Read("")));
    }

    [Fact]
    public void A_gauge_that_is_no_longer_shown_is_gone()
    {
        Measurement<double>[] shown = [new(17.5)];
        _meter.CreateObservableGauge(_name, () => shown, "s", "A time");
        Assert.Equal(("gauge", 17.5), Only(Read("_seconds")));

        shown = [];

        Assert.Empty(Read("_seconds").Samples);
    }

    [Fact]
    public void A_histogram_has_the_buckets_that_its_instrument_says()
    {
        var histogram = _meter.CreateHistogram(
            _name, "s", "A time", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });

        foreach (var value in (double[])[0.05, 0.1, 0.5, 30])
            histogram.Record(value, new Tag("event", "request"));

        var family = Read("_seconds");
        Assert.Equal(
            [("0.1", 2), ("1.0", 3), ("+Inf", 4)],
            family.Samples.Where(each => each.Suffix == "_bucket").Select(each => (each.Labels["le"], each.Value)));
        Assert.Equal(30.65, family.Samples.Single(each => each.Suffix == "_sum").Value, 6);
    }

    [Fact]
    public void Quotes_backslashes_and_line_breaks_are_escaped()
    {
        const string text = "a \"b\" \\ c\nd";
        var counter = _meter.CreateCounter<long>(_name, null, text);

        counter.Add(1, new Tag("some.label", text));

        var family = Read("_total");
        Assert.Equal(text, family.Help);
        Assert.Equal(text, Assert.Single(family.Samples).Labels["some_label"]);
    }

    [Fact]
    public void Label_values_without_an_end_become_one_series_that_says_so()
    {
        var counter = _meter.CreateCounter<long>(_name, "{thing}", "Things");

        for (var i = 0; i < CollectedInstrument.MostSeries + 100; i++)
            counter.Add(1, new Tag("user", $"u{i}"));

        var family = Read("_total");
        Assert.Equal(CollectedInstrument.MostSeries + 1, family.Samples.Count);
        Assert.Equal(100, family.Samples.Single(each => each.Labels.ContainsKey("otel_metric_overflow")).Value);
    }

    [Fact]
    public void Parts_of_the_process_that_share_a_name_are_added_up()
    {
        using var other = new Meter(Instruments.MeterName);
        _meter.CreateUpDownCounter<int>(_name, null, "Legs").Add(2);
        other.CreateUpDownCounter<int>(_name, null, "Legs").Add(3);

        Assert.Equal(("gauge", 5), Only(Read("")));
    }

    [Fact]
    public void Of_an_instrument_that_cannot_be_looked_at_the_others_are_shown_all_the_same()
    {
        _meter.CreateObservableGauge(_name + ".broken", Broken, null, "Broken");
        _meter.CreateUpDownCounter<int>(_name, null, "Legs").Add(1);

        Assert.Equal(("gauge", 1), Only(Read("")));
    }

    private static int Broken() => throw new InvalidOperationException();

    private static (string? Type, double Value) Only(PrometheusParser.Family family) =>
        (family.Type, Assert.Single(family.Samples).Value);

    // In both formats alike, but for the name of a counter's family.
    private PrometheusParser.Family Read(string suffix)
    {
        var name = _name.Replace('.', '_') + suffix;
        var open = PrometheusText.Write(_collector.Collect(), isOpenMetrics: true);
        var bare = name.Replace("_total", "", StringComparison.Ordinal);
        var family = PrometheusParser.Parse(open, isOpenMetrics: true)[bare];
        var plain = PrometheusParser.Parse(PrometheusText.Write(_collector.Collect(), isOpenMetrics: false))[name];
        Assert.Equal(family.Samples.Select(each => each.Value), plain.Samples.Select(each => each.Value));
        return plain;
    }
}
