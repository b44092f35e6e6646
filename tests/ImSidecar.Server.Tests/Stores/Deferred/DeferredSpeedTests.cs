using System.Diagnostics;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>What a message costs, printed; to be asked for: -explicit only.</summary>
[Collection(nameof(PostgresServer))]
public sealed class DeferredSpeedTests(PostgresServer server)
{
    private const int Callers = 256;
    private const int Users = 50_000;

    private static readonly int _messages = int.TryParse(
        Environment.GetEnvironmentVariable("IMSIDECAR_TESTS_MESSAGES"), out var messages) ? messages : 1_000_000;

    private static readonly bool _isEncrypted = Environment.GetEnvironmentVariable("IMSIDECAR_TESTS_KEY") is not null;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public Task A_million_messages_in_SQLite() => MeasureAsync(isPostgres: false);

    [Fact(Explicit = true)]
    public Task A_million_messages_in_PostgreSQL() => MeasureAsync(isPostgres: true);

    private async Task MeasureAsync(bool isPostgres)
    {
        await server.SyncAsync();
        var folder = Directory.CreateTempSubdirectory("store-speed-").FullName;
        var key = Files.Key();
        var options = new DeferredStoreOptions
        {
            Connection = isPostgres ? server.Connection : $"Data Source={Path.Combine(folder, "deferred.db")}",
            KeyFiles = _isEncrypted ? [key] : [],
            Schema = "speed",
        };
        await using (var store = DeferredStoreServices.Open(
            options, new() { Path = "/" }, Given.StoreHealth(), NullLogger<DeferredMessageStore>.Instance))
        {
            for (var tenth = 0; tenth < 10; tenth++)
            {
                await PrintRateAsync($"added, {tenth + 1}/10", _messages / 10, async i => await store.AddAsync(
                    Message($"call-{tenth}-{i}@host", User(i), 1024), DeferralQuota.None, Cancel));
            }

            await PrintRateAsync("read (all of one user)", 2000, async i =>
                Assert.NotEmpty(await store.ReadAsync(User(i), 0, 100, long.MaxValue, Now, Cancel)), callers: 1);
            await PrintRateAsync("counted", 2000, async i =>
                Assert.NotEqual(0, (await store.CountAsync(User(i), Cancel)).Messages), callers: 1);
            await PrintRateAsync("listed users", 200, async i =>
                Assert.NotEmpty(await store.UsersAsync(User(i), 100, Cancel)), callers: 1);
            await PrintRateAsync("removed", Math.Min(_messages / 10, 100_000), async i =>
                await store.RemoveAsync(
                    User(i), [(i / Users) + 1], DeferredEnd.Delivered, Now, Cancel));
            Print($"memory {Environment.WorkingSet >> 20} MiB, managed {GC.GetTotalMemory(true) >> 20} MiB");
        }

        if (isPostgres)
            Print($"tables {await server.RunAsync("SELECT sum(pg_total_relation_size(oid))::bigint >> 20 FROM pg_class "
                + "WHERE relnamespace = 'speed'::regnamespace AND relkind = 'r'")} MiB");
        else
            Print($"file {new FileInfo(Path.Combine(folder, "deferred.db")).Length >> 20} MiB");
        await server.RunAsync("DROP SCHEMA IF EXISTS speed CASCADE");
        Directory.Delete(folder, recursive: true);
        File.Delete(key);

        void Print(string text) => Console.WriteLine($"{(isPostgres ? "PostgreSQL" : "SQLite")}: {text}");

        async Task PrintRateAsync(string what, int count, Func<int, Task> act, int callers = Callers)
        {
            var (next, worst) = (-1, 0.0);
            var (since, cpu, written) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime, Written());
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
            {
                for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
                {
                    var begun = Stopwatch.GetTimestamp();
                    await act(i);
                    worst = Math.Max(worst, Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                }
            })));
            var seconds = since.Elapsed.TotalSeconds;
            var cost = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / count;
            Print($"{what}: {count / seconds:N0}/s, {seconds * 1e6 * callers / count:N0} us for each caller, "
                + $"worst {worst:N1} ms, our CPU {cost:N0} us, "
                + $"written {(Written() - written) / 1024.0 / count:N1} KiB");
        }
    }

    // Of this process: not what PostgreSQL writes.
    private static long Written()
    {
        var line = File.ReadLines("/proc/self/io")
            .First(each => each.StartsWith("write_bytes:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(line.IndexOf(' ')), null);
    }

    private static string User(int i) => $"sip:user{(uint)(i * 2654435761L) % Users}@example.com";
}
