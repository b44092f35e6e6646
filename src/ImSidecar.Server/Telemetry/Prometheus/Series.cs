namespace ImSidecar.Server.Telemetry.Prometheus;

/// <summary>The numbers of one instrument for one set of label values.</summary>
internal sealed class Series(KeyValuePair<string, string>[] labels, double[]? bounds)
{
    private readonly Lock _gate = new();
    private readonly long[]? _buckets = bounds is null ? null : new long[bounds.Length + 1];
    private double _sum;
    private long _count;

    public KeyValuePair<string, string>[] Labels => labels;

    /// <summary>When an instrument that is looked at has last shown it.</summary>
    public long Round { get; private set; }

    public void Add(double value)
    {
        lock (_gate)
            _sum += value;
    }

    public void Set(double value, long round)
    {
        lock (_gate)
            _sum = value;
        Round = round;
    }

    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < bounds!.Length && value > bounds[bucket])
            bucket++;

        lock (_gate)
        {
            _buckets![bucket]++;
            _sum += value;
            _count++;
        }
    }

    /// <summary>Buckets each with all below it, the last one with everything; none but for a histogram.</summary>
    public (double Sum, long Count, long[] Buckets) Read()
    {
        lock (_gate)
        {
            var buckets = new long[_buckets?.Length ?? 0];
            var below = 0L;
            for (var i = 0; i < buckets.Length; i++)
                buckets[i] = below += _buckets![i];
            return (_sum, _count, buckets);
        }
    }
}
