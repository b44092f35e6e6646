using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace ImSidecar.Benchmarks.Xdm;

/// <summary>One kind of request, sent by some clients at once, each when it has its answer.</summary>
internal sealed class Load(string name, Func<int, HttpRequestMessage> request)
{
    private readonly List<double> _milliseconds = [];
    private readonly ConcurrentDictionary<HttpStatusCode, int> _errors = [];
    private TimeSpan _time;

    /// <summary>Null: any success.</summary>
    public HttpStatusCode? Expected { get; init; }

    public int Done => _milliseconds.Count;

    public int Failed => _errors.Values.Sum();

    private double PerSecond => Done / _time.TotalSeconds;

    public async Task RunAsync(HttpClient http, int clients, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        var taken = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var each = new List<double>();
            // Each at least once: what comes next may need what this one writes.
            do
                each.Add(await SendAsync(http, client));
            while (watch.Elapsed < time);
            return each;
        })));
        _time += watch.Elapsed;
        foreach (var each in taken)
            _milliseconds.AddRange(each.Where(one => one >= 0));
    }

    public void Forget()
    {
        _milliseconds.Clear();
        _time = TimeSpan.Zero;
    }

    public void Write(Load yardstick)
    {
        _milliseconds.Sort();
        var median = Done == 0 ? 0 : _milliseconds[Done / 2];
        Console.WriteLine($"{name,-22} {PerSecond,12:0} {median,11:0.00} {PerSecond / yardstick.PerSecond,17:0.00}");
        foreach (var (status, count) in _errors)
            Console.WriteLine($"{name}: {count} were answered with {(int)status}");
    }

    private async Task<double> SendAsync(HttpClient http, int client)
    {
        using var message = request(client);
        var started = Stopwatch.GetTimestamp();
        using var answer = await http.SendAsync(message);
        var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var isGood = Expected is { } status ? answer.StatusCode == status : answer.IsSuccessStatusCode;
        if (isGood)
            return took;

        _errors.AddOrUpdate(answer.StatusCode, 1, (_, count) => count + 1);
        return -1;
    }
}
