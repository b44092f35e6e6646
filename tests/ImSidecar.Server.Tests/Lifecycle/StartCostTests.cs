using System.Diagnostics;
using System.Runtime.CompilerServices;
using ImSidecar.Core.Conferences;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores.Sqlite;
using ImSidecar.Server.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>What a start costs for each session that is stored: as much with ten thousand as with one thousand.</summary>
[Collection(nameof(StartCostTests))]
public sealed class StartCostTests : IDisposable
{
    private const int Many = 10_000;
    private const int Some = 1000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-start-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Ten_thousand_sessions_are_resumed_with_one_read_and_one_save_each()
    {
        var some = await ResumeAsync(Some);
        var many = await ResumeAsync(Many);

        Assert.Equal((Some, Many), (some.Reads, many.Reads));
        Assert.InRange(many.Saves, 0, Many);

        // Bytes allocated stand for the work: the same for each, whatever the machine does meanwhile.
        Assert.InRange(many.Bytes / Many, 1, 1.25 * some.Bytes / Some);
        Assert.InRange(many.Bytes / Many, 1, 400 * 1024);
    }

    /// <summary>Prints how long the real program takes from its start to ready; for a quiet machine.</summary>
    [Fact(Explicit = true)]
    public async Task How_long_a_start_takes()
    {
        using var sidecar = new RunOfSidecar();
        using var systemd = new NotifySocket(sidecar.PathOf("notify"));
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = sidecar.PathOf("notify") };
        await ManyStored.WriteAsync(sidecar.PathOf("imsidecar.db"), Many, Cancel);
        for (var i = 0; i < 5; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var process = sidecar.Start(environment);
            await systemd.NextAsync("READY");
            Console.WriteLine($"ready after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
            process.Kill();
            await process.WaitForExitAsync(Cancel);
        }
    }

    private async Task<(int Reads, int Saves, double Bytes)> ResumeAsync(int count)
    {
        var file = Path.Combine(_folder.FullName, $"{count}.db");
        await ManyStored.WriteAsync(file, count, Cancel);
        await using var store = new CountingStore(
            new SqliteConferenceStore(SqliteDatabase.Open(file), Given.StoreHealth()));
        using var node = new ScriptedLink(store);
        var recovery = new Recovery(store, node.Router, new HealthBoard(), new Server.Cluster.Alone(), NullLogger<Recovery>.Instance);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await recovery.StartAsync(Cancel);
        await recovery.Done;

        var bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal(count, node.Router.Count);
        Assert.Equal(5 * count, node.Switch.Legs.Count);
        var cost = (store.Reads, store.Saves, (double)bytes);
        await node.Router.DrainAsync(Cancel);
        return cost;
    }

    /// <summary>What others allocate meanwhile would count too.</summary>
    [CollectionDefinition(nameof(StartCostTests), DisableParallelization = true)]
    public sealed class Alone;

    private sealed class CountingStore(SqliteConferenceStore store) : IAggregateStore, IAsyncDisposable
    {
        private int _reads;
        private int _saves;

        public int Reads => _reads;

        public int Saves => _saves;

        public ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _reads);
            return store.LoadAsync(id, cancellation);
        }

        public ValueTask<bool> TrySaveAsync(
            AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _saves);
            return store.TrySaveAsync(id, expectedRevision, changes, cancellation);
        }

        public async IAsyncEnumerable<AggregateId> ActiveAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var id in store.ActiveAsync(cancellation))
                yield return id;
        }

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
