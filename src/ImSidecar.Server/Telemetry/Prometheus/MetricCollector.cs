using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ImSidecar.Server.Telemetry.Prometheus;

/// <summary>Listens to the meters of the process from its start, and adds up what they say.</summary>
internal sealed class MetricCollector : IDisposable
{
    private static readonly string[] _meters = [Instruments.MeterName, "System.Runtime"];

    private readonly ConcurrentDictionary<Instrument, CollectedInstrument> _instruments = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private long _round;

    public MetricCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!_meters.Contains(instrument.Meter.Name))
                return;

            var collected = new CollectedInstrument(instrument);
            _instruments[instrument] = collected;
            listener.EnableMeasurementEvents(instrument, collected);
        };
        _listener.MeasurementsCompleted = (instrument, _) => _instruments.TryRemove(instrument, out var _);
        Take<byte>(value => value);
        Take<short>(value => value);
        Take<int>(value => value);
        Take<long>(value => value);
        Take<float>(value => value);
        Take<double>(value => value);
        Take<decimal>(value => (double)value);
        _listener.Start();
    }

    /// <summary>Looks at what is only looked at, and gives all there is, by name.</summary>
    public IReadOnlyList<IGrouping<string, CollectedInstrument>> Collect()
    {
        lock (_gate)
        {
            _round++;
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // One that cannot be looked at now, as the node stops, hides no other.
            }

            foreach (var (_, instrument) in _instruments)
                instrument.DropBefore(_round);
            return
            [
                .. _instruments.Values.GroupBy(each => each.Name, StringComparer.Ordinal)
                    .OrderBy(each => each.Key, StringComparer.Ordinal),
            ];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take<T>(Func<T, double> toDouble)
        where T : struct =>
        _listener.SetMeasurementEventCallback<T>(
            (_, value, tags, state) => ((CollectedInstrument)state!).Take(toDouble(value), tags, _round));
}
