using System.Diagnostics;

namespace ImSidecar.Benchmarks.Xdm;

/// <summary>How fast something is done: the same work over and over, in turns with what it is compared with.</summary>
/// <param name="batch">Pieces between two looks at the clock.</param>
internal sealed class Pace(string name, Action<int> work, int batch = 64)
{
    private const int Rounds = 8;

    private int _next;
    private TimeSpan _time;

    public string Name => name;

    public long Done { get; private set; }

    public double PerSecond => Done / _time.TotalSeconds;

    /// <summary>Bytes that one piece of work allocates.</summary>
    public double BytesEach { get; private set; }

    /// <summary>Warms each up and runs each for that long in all.</summary>
    public static void Compare(TimeSpan each, params ReadOnlySpan<Pace> paces)
    {
        foreach (var pace in paces)
        {
            pace.Run(each / 2);
            pace.Forget();
        }

        for (var round = 0; round < Rounds; round++)
            foreach (var pace in paces)
                pace.Run(each / Rounds);
    }

    private void Run(TimeSpan time)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var done = 0L;
        var watch = Stopwatch.StartNew();
        do
        {
            for (var i = 0; i < batch; i++)
                work(_next++ & int.MaxValue);

            done += batch;
        }
        while (watch.Elapsed < time);

        _time += watch.Elapsed;
        Done += done;
        BytesEach = (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)done;
    }

    private void Forget() => (_time, Done) = (TimeSpan.Zero, 0);
}
