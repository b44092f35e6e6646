using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Tests.Stores.Deferred;
using Npgsql;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>A node that was declared dead saves nothing any more.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresFenceTests(PostgresServer server) : IAsyncLifetime
{
    private readonly PostgresSchemaOfTest _schema = new(server);
    private readonly Fence _fence = new() { Current = new("a", 1) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact]
    public async Task A_save_is_refused_once_the_node_is_in_another_epoch_and_goes_on_in_that()
    {
        var store = _schema.Open(fence: _fence).Aggregates;
        var stale = 0;
        _fence.Stale += _ => Interlocked.Increment(ref stale);
        await _schema.RunAsync("INSERT INTO node_epoch VALUES ('a', 1), ('b', 1)");
        Assert.True(await CreateAsync(store, "room1"));

        await _schema.RunAsync("UPDATE node_epoch SET epoch = 2 WHERE name = 'a'");
        var saves = Enumerable.Range(0, 40).Select(number => CreateAsync(store, "late" + number)).ToList();
        foreach (var save in saves)
            await Assert.ThrowsAsync<StaleEpochException>(() => save);
        Assert.Equal(40, stale);
        Assert.Null(await store.LoadAsync(new("late0"), Cancel));

        _fence.Current = new("a", 2);
        Assert.True(await CreateAsync(store, "late0"));
    }

    [Fact]
    public async Task A_node_that_nobody_knows_saves_nothing()
    {
        var store = _schema.Open(fence: _fence).Aggregates;

        await Assert.ThrowsAsync<StaleEpochException>(() => CreateAsync(store, "room1"));

        _fence.Current = null;
        Assert.True(await CreateAsync(store, "room1"));
    }

    [Fact]
    public async Task Nothing_is_saved_after_the_epoch_was_raised_however_many_save_meanwhile()
    {
        var store = _schema.Open(fence: _fence).Aggregates;
        await _schema.RunAsync("INSERT INTO node_epoch VALUES ('a', 1)");
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(() => SaveUntilStaleAsync(store, "w" + writer)))
            .ToList();
        while (await _schema.RunAsync("SELECT sum(revision)::bigint FROM head") is not > 80L)
            await Task.Delay(5, Cancel);

        await _schema.RunAsync("UPDATE node_epoch SET epoch = 2 WHERE name = 'a'");
        var then = (long)(await _schema.RunAsync("SELECT sum(revision)::bigint FROM head"))!;
        var saved = await Task.WhenAll(writers);

        Assert.Equal(then, saved.Sum());
        Assert.Equal(then, (long)(await _schema.RunAsync("SELECT sum(revision)::bigint FROM head"))!);
    }

    [Fact]
    public async Task What_waited_for_longer_than_its_epoch_lasted_is_not_written_in_the_next_one()
    {
        var store = _schema.Open(fence: _fence).Aggregates;
        await _schema.RunAsync("INSERT INTO node_epoch VALUES ('a', 1)");
        await using var other = new NpgsqlConnection(_schema.Options.Connection);
        await other.OpenAsync(Cancel);
        await using var lasts = await other.BeginTransactionAsync(Cancel);
        await RunAsync(other, $"LOCK TABLE {_schema.Name}.node_epoch");
        var first = CreateAsync(store, "first");
        while (!(bool)(await _schema.RunAsync("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))!)
            await Task.Delay(5, Cancel);
        var second = CreateAsync(store, "second");

        await RunAsync(other, $"UPDATE {_schema.Name}.node_epoch SET epoch = 2");
        _fence.Current = new("a", 2);
        await lasts.CommitAsync(Cancel);

        await Assert.ThrowsAsync<StaleEpochException>(() => first);
        Assert.False(await second);
        Assert.Null(await store.LoadAsync(new("second"), Cancel));
        Assert.True(await CreateAsync(store, "second"));
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static Task<bool> CreateAsync(IAggregateStore store, string id) => store.TrySaveAsync(
        new(id), 0, ConferenceChanges.Between(null, Sample.Conference(id)), Cancel).AsTask();

    private static async Task<long> SaveUntilStaleAsync(IAggregateStore store, string id)
    {
        Conference? before = null;
        for (var revision = 1; ; revision++)
        {
            var after = Sample.Conference(id) with { Revision = revision, NextNumber = revision };
            try
            {
                Assert.True(await store.TrySaveAsync(
                    after.Id, revision - 1, ConferenceChanges.Between(before, after), Cancel));
            }
            catch (StaleEpochException)
            {
                return revision - 1;
            }

            before = after;
        }
    }
}
