using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores.Sqlite;
using ImSidecar.Server.Tests.Stores.Deferred;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>What a save and a load of a conference cost, printed; to be asked for: -explicit only.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresSpeedTests(PostgresServer server) : IAsyncLifetime
{
    private const int Conferences = 256;
    private const int Saves = 40;

    private readonly PostgresSchemaOfTest _schema = new(server);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => new(server.SyncAsync());

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact(Explicit = true)]
    public Task In_PostgreSQL() => MeasureAsync("PostgreSQL", _schema.Open().Aggregates);

    [Fact(Explicit = true)]
    public async Task In_SQLite()
    {
        var folder = Directory.CreateTempSubdirectory("store-speed-").FullName;
        await using (var store = new SqliteConferenceStore(
            SqliteDatabase.Open(Path.Combine(folder, "imsidecar.db")), Given.StoreHealth()))
            await MeasureAsync("SQLite", store);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task MeasureAsync(string name, IAggregateStore store)
    {
        var changed = Sample.Conference();
        await PrintAsync("made", 1, room => SaveAsync(room, null, 1));
        await PrintAsync("changed", Saves, async room =>
        {
            for (var revision = 2; revision <= Saves + 1; revision++)
                await SaveAsync(room, revision - 1, revision);
        });
        await PrintAsync("loaded", 1, async room => Assert.NotNull(await store.LoadAsync(new(room), Cancel)));
        await PrintAsync("deleted", 1, async room =>
            Assert.True(await store.TrySaveAsync(new(room), Saves + 1, new() { Head = null }, Cancel)));

        async Task SaveAsync(string room, long? before, long after)
        {
            var next = At(room, after);
            var changes = ConferenceChanges.Between(before is { } revision ? At(room, revision) : null, next) with
            {
                AddedEffects = [new(after, Sample.Effects[0])],
                DoneEffects = [after - 1],
            };
            Assert.True(await store.TrySaveAsync(new(room), before ?? 0, changes, Cancel));
        }

        Conference At(string room, long revision) => changed with
        {
            Id = new(room),
            Revision = revision,
            Participants = changed.Participants.Set(Sample.Inviter() with { ChangedAt = revision }),
        };

        async Task PrintAsync(string what, int each, Func<string, Task> act)
        {
            var (since, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            await Task.WhenAll(Enumerable.Range(0, Conferences).Select(room => Task.Run(() => act("room" + room))));
            var cost = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / Conferences / each;
            Console.WriteLine(
                $"{name}: {what} {Conferences * each / since.Elapsed.TotalSeconds:N0}/s, our CPU {cost:N0} us");
        }
    }
}
