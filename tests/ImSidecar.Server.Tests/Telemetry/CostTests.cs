using System.Diagnostics;
using Google.Protobuf;
using ImSidecar.Server.Telemetry.Prometheus;
using ImSidecar.Server.Telemetry.Tracing;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>
/// What it costs to be watched: processor time and memory of an INVITE for two, without sockets and disk, on rounds
/// that take turns. Asked for (-explicit only), for it takes a minute and only a quiet machine says much.
/// </summary>
public class CostTests
{
    private const int Rounds = 44;
    private const int PerRound = 200;

    [Fact(Explicit = true)]
    public async Task An_INVITE_that_is_watched_costs_little_more()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var ways = new (string Name, Func<IDisposable?> Watch)[]
        {
            ("nobody looks", () => null),
            ("metrics", () => new MetricCollector()),
            ("traces, 1 of 10", () => Listen(0.1)),
            ("traces, all", () => Listen(1)),
        };
        var costs = ways.ToDictionary(way => way.Name, _ => new List<(double Micros, double Bytes)>());
        for (var round = 0; round < Rounds; round++)
        {
            // Each comes first as often as the others; the first rounds are compiled.
            foreach (var (name, watch) in ways.Skip(round % ways.Length).Concat(ways.Take(round % ways.Length)))
            {
                using var watching = watch();
                var cost = await MeasureAsync(node);
                if (round >= ways.Length)
                    costs[name].Add(cost);
            }
        }

        foreach (var (name, measured) in costs)
        {
            var micros = Median(measured.Select(each => each.Micros));
            var bytes = Median(measured.Select(each => each.Bytes));
            Console.WriteLine($"{name}: {micros:F0} us, {bytes / 1024:F1} KiB");
        }
    }

    private static async Task<(double Micros, double Bytes)> MeasureAsync(ScriptedLink node)
    {
        var process = Process.GetCurrentProcess();
        var (time, bytes) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes());
        for (var i = 0; i < PerRound; i++)
        {
            var id = Guid.NewGuid().ToString();
            var happened = ScriptedLink.GroupInvite(id);
            happened.Request.Headers.Single(header => header.Name == "Call-ID").Value = ByteString.CopyFromUtf8(id);
            await node.SendAsync(happened);
            await node.NextAsync(Kind.Originate);
            await node.NextAsync(Kind.Originate);
        }

        process.Refresh();
        return ((process.TotalProcessorTime - time).TotalMicroseconds / PerRound,
            (GC.GetTotalAllocatedBytes() - bytes) / (double)PerRound);
    }

    private static ActivityListener Listen(double ratio)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Traces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent != default || Convert.ToByte(options.TraceId.ToHexString()[..2], 16) < 256 * ratio
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
