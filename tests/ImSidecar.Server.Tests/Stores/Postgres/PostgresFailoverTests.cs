using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Tests.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>The primary is lost, a standby becomes one: with servers of its own.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresFailoverTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_answered_is_on_the_standby_and_all_goes_on_there()
    {
        await using var primary = new PostgresServer();
        await primary.InitializeAsync();
        await using var standby = new PostgresServer();
        await standby.FollowAsync(primary);
        var health = Given.StoreHealth();
        var hosts = string.Join(',', new[] { standby, primary }.Select(
            each => "127.0.0.1:" + new NpgsqlConnectionStringBuilder(each.Connection).Port));
        var place = PostgresPlace.Of(new() { Connection = $"{primary.Connection};Host={hosts}" })!;
        await using var store = PostgresStore.Open(place, health, NullLogger.Instance);
        var kept = new ConcurrentDictionary<string, long>();
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(() => WriteAsync(store, "room" + writer, kept)))
            .ToArray();
        while (kept.Values.Sum() < 200)
            await Task.Delay(5, Cancel);

        await primary.CrashAsync();
        await Task.WhenAll(writers);
        Assert.True(health.IsFailing);
        await standby.RunAsync("SELECT pg_promote()");
        await health.WhenWell.WaitAsync(_patience, Cancel);

        foreach (var (room, revision) in kept)
        {
            var stored = (await store.Aggregates.LoadAsync(new(room), Cancel))!.State.Revision;
            Assert.InRange(stored, revision, revision + 1);
            Assert.True(await store.Aggregates.TrySaveAsync(new(room), stored, new() { Head = null }, Cancel));
        }
    }

    private static async Task WriteAsync(PostgresStore store, string room, ConcurrentDictionary<string, long> kept)
    {
        Conference? before = null;
        for (var revision = 1; ; revision++)
        {
            var after = Sample.Conference(room) with { Revision = revision };
            try
            {
                Assert.True(await store.Aggregates.TrySaveAsync(
                    after.Id, revision - 1, ConferenceChanges.Between(before, after), Cancel));
            }
            catch (StoreUnavailableException)
            {
                return;
            }

            kept[room] = revision;
            before = after;
        }
    }
}
