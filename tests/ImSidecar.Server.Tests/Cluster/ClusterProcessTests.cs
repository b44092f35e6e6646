using System.Diagnostics;
using System.Text.Json;
using ImSidecar.Server.Tests.Stores.Deferred;
using ImSidecar.Server.Tests.Telemetry;

namespace ImSidecar.Server.Tests.Cluster;

/// <summary>Whole sidecars as processes on one PostgreSQL: the share of one that ends, in order or not, is the other's.</summary>
[Collection(nameof(ClusterAlone))]
public class ClusterProcessTests(PostgresServer server)
{
    private static int _count;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_process_had_that_was_killed_is_the_others_within_five_seconds()
    {
        var schema = Schema();
        await using var a = await StartAsync("a", schema);
        var b = await StartAsync("b", schema);
        try
        {
            await UntilAsync(async () => await SlotsAsync(a) is > 0 and < 1024 && await SlotsAsync(a) + await SlotsAsync(b) == 1024);

            b.Kill();
            var since = Stopwatch.StartNew();
            await UntilAsync(async () => await SlotsAsync(a) == 1024);

            TestContext.Current.TestOutputHelper!.WriteLine($"{since.Elapsed.TotalSeconds:0.00} s");
            // What the machine is slow at counts too, so a little more.
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(8), $"{since.Elapsed}");
        }
        finally
        {
            await b.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_process_that_stood_still_finds_itself_dead_and_comes_back()
    {
        var schema = Schema();
        await using var a = await StartAsync("a", schema);
        await using var b = await StartAsync("b", schema);
        await UntilAsync(async () => await SlotsAsync(a) + await SlotsAsync(b) == 1024 && await SlotsAsync(a) < 1024);

        await b.SignalAsync("STOP");
        await UntilAsync(async () => await SlotsAsync(a) == 1024);
        await b.SignalAsync("CONT");
        await UntilAsync(async () => await SlotsAsync(a) + await SlotsAsync(b) == 1024 && await SlotsAsync(a) < 1024);

        Assert.Contains("Node b is dead", a.Output, StringComparison.Ordinal);
        Assert.Contains("stops serving and forgets what it holds", b.Output, StringComparison.Ordinal);
        var epoch = await server.RunAsync($"SELECT epoch FROM {schema}.node WHERE name = 'b'");
        Assert.True(epoch is >= 3L, $"{epoch}");
    }

    [Fact]
    public async Task A_process_that_is_told_to_stop_hands_over_and_ends_well()
    {
        var schema = Schema();
        await using var a = await StartAsync("a", schema);
        await using var b = await StartAsync("b", schema);
        await UntilAsync(async () => await SlotsAsync(a) + await SlotsAsync(b) == 1024 && await SlotsAsync(a) < 1024);

        var code = await b.StopAsync();
        Assert.True(code == 0, $"{code}: {b.Output}");

        await UntilAsync(async () => await SlotsAsync(a) == 1024);
        Assert.DoesNotContain("is dead", a.Output, StringComparison.Ordinal);
        Assert.Contains("has left epoch 1 in order", b.Output, StringComparison.Ordinal);
        Assert.Equal(
            "gone", await server.RunAsync($"SELECT state FROM {schema}.node WHERE name = 'b'"));
    }

    [Fact]
    public async Task A_second_process_of_a_name_says_why_it_ends()
    {
        var schema = Schema();
        await using var a = await StartAsync("a", schema);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync("a", schema));

        Assert.Matches("Gateway:Node \"a\" is the name of another node", refused.Message);
        Assert.Equal(1024, await SlotsAsync(a));
    }

    private static string Schema() => $"processes{Interlocked.Increment(ref _count)}";

    private Task<RunningNode> StartAsync(string name, string schema) => RunningNode.StartAsync(
        $"--Store:Connection={server.Connection}", $"--Store:Schema={schema}", $"--Gateway:Node={name}");

    private static async Task<int> SlotsAsync(RunningNode node)
    {
        var metrics = PrometheusParser.Parse(await node.Http.GetStringAsync("/metrics", Cancel));
        return (int)metrics["imsidecar_cluster_slots_owned"].Samples.Single().Value;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var since = Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(60), "It does not come");
            await Task.Delay(50, Cancel);
        }
    }
}
