using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Tests.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>What happens to the server of PostgreSQL, or to the way to it, while conferences are in it.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresStoreOutageTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly PostgresSchemaOfTest _schema = new(server);
    private readonly StoreHealth _health = Given.StoreHealth();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact]
    public async Task A_server_that_is_stopped_makes_the_store_fail_until_it_is_back()
    {
        var store = _schema.Open(_health);
        Assert.True(await CreateAsync(store, "room1"));

        await server.StopAsync();
        var begun = await Assert.ThrowsAsync<StoreUnavailableException>(() => CreateAsync(store, "room2"));
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => CreateAsync(store, "room2"));
        Assert.Equal((false, true), (begun.NothingWritten, refused.NothingWritten));
        Assert.True(_health.IsFailing);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await LoadAsync(store, "room1"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => PutAsync(store, "index"));

        await server.StartAsync();
        await _health.WhenWell.WaitAsync(_patience, Cancel);
        Assert.NotNull(await LoadAsync(store, "room1"));
        Assert.True(await CreateAsync(store, "room2"));
        Assert.Equal(DocumentResult.Written, await PutAsync(store, "index"));
    }

    [Fact]
    public async Task A_restart_while_nobody_writes_is_not_noticed()
    {
        var store = _schema.Open(_health);
        Assert.True(await CreateAsync(store, "room1"));
        Assert.Equal(DocumentResult.Written, await PutAsync(store, "index"));

        await server.StopAsync();
        await server.StartAsync();

        Assert.NotNull(await LoadAsync(store, "room1"));
        Assert.True(await CreateAsync(store, "room2"));
        Assert.Equal(DocumentResult.Written, await PutAsync(store, "other"));
        Assert.False(_health.IsFailing);
    }

    [Fact]
    public async Task What_was_answered_before_the_server_crashed_is_there_afterwards_and_nothing_else_but_what_was_asked()
    {
        var store = _schema.Open(_health);
        var kept = new ConcurrentDictionary<string, long>();
        var writers = Enumerable.Range(0, 16)
            .Select(writer => Task.Run(() => WriteAsync(store, "room" + writer, kept)))
            .ToArray();
        while (kept.Values.Sum() < 400)
            await Task.Delay(5, Cancel);

        await server.CrashAsync();
        await Task.WhenAll(writers);
        await server.StartAsync();
        await _health.WhenWell.WaitAsync(_patience, Cancel);

        foreach (var (room, revision) in kept)
        {
            var loaded = (await LoadAsync(store, room))!;
            // The last one may have been committed and not answered.
            Assert.InRange(loaded.State.Revision, revision, revision + 1);
            Assert.Equal(loaded.State.Revision, loaded.Conference.Participants["p1"].ChangedAt);
            Assert.Equal(loaded.State.Revision, Assert.Single(loaded.Pending).Number);
        }
    }

    [Fact]
    public async Task A_server_that_becomes_read_only_makes_the_store_fail_and_is_still_read()
    {
        var store = _schema.Open(_health);
        Assert.True(await CreateAsync(store, "room1"));

        await server.RunAsync("ALTER ROLE tester SET default_transaction_read_only = on");
        await TerminateOthersAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CreateAsync(store, "room2"));
        Assert.True(_health.IsFailing);
        Assert.NotNull(await LoadAsync(store, "room1"));
        // What is there already needs no writing at the start.
        Assert.NotNull(await LoadAsync(_schema.Open(), "room1"));

        await server.RunAsync("ALTER ROLE tester RESET ALL");
        await TerminateOthersAsync();
        await _health.WhenWell.WaitAsync(_patience, Cancel);
        Assert.True(await CreateAsync(store, "room2"));
    }

    [Fact]
    public async Task A_node_that_is_frozen_within_a_transaction_holds_up_the_others_for_a_moment_only()
    {
        var store = _schema.Open(_health);
        Assert.True(await CreateAsync(store, "room1"));
        await using var frozen = new PostgresDatabase(_schema.Place, NullLogger.Instance);
        var connection = await frozen.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN; SELECT * FROM head FOR UPDATE";
        await command.ExecuteNonQueryAsync(Cancel);

        var saved = store.Aggregates.TrySaveAsync(new("room1"), 42, new() { Head = null }, Cancel).AsTask();

        Assert.True(await saved.WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        Assert.False(_health.IsFailing);
        // It hears of it when it goes on.
        var error = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancel));
        Assert.True(PostgresErrors.IsOfTheConnection(error));
    }

    [Fact]
    public async Task Tables_of_a_newer_release_are_refused_for_good()
    {
        _schema.Open();
        await _schema.RunAsync("UPDATE version SET version = 77");

        var error = Assert.Throws<StoreUnavailableException>(() => _schema.Open());

        Assert.Contains("newer release (schema 77", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Store:Connection: cannot use PostgreSQL 127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsOfAnother);
    }

    [Fact]
    public async Task Who_runs_when_a_newer_release_adds_to_the_tables_goes_on_and_connects_again()
    {
        var store = _schema.Open(_health);
        Assert.True(await CreateAsync(store, "room1"));
        await _schema.RunAsync(
            $"""
            DO $add$
            DECLARE each text;
            BEGIN
                FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = '{_schema.Place.Schema}' LOOP
                    EXECUTE format('ALTER TABLE %I ADD COLUMN later integer NOT NULL DEFAULT 0', each);
                END LOOP;
            END $add$;
            CREATE TABLE later (one integer);
            UPDATE version SET version = 77
            """);
        Assert.True(await CreateAsync(store, "room2"));
        Assert.Equal(DocumentResult.Written, await PutAsync(store, "index"));

        await TerminateOthersAsync();

        Assert.True(await CreateAsync(store, "room3"));
        Assert.NotNull(await LoadAsync(store, "room1"));
        Assert.False(_health.IsFailing);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_make_the_tables_once_and_have_one_secret()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => _schema.Open())));

        Assert.Single(stores.Select(store => Convert.ToHexString(store.NodeSecret.Value.Span)).Distinct());
    }

    [Fact]
    public async Task Who_takes_up_aggregates_finds_all_of_them_though_the_server_was_away_meanwhile()
    {
        var store = _schema.Open(_health);
        string[] rooms = ["roomaa", "roomkk", "room77"];
        foreach (var room in rooms)
            Assert.True(await CreateAsync(store, room));

        List<string> found = [];
        var restart = Task.CompletedTask;
        await foreach (var id in store.Aggregates.ActiveAsync(Cancel))
        {
            found.Add(id.Value);
            if (found.Count > 1)
                continue;

            await server.StopAsync();
            restart = Task.Run(async () =>
            {
                await Task.Delay(1500, Cancel);
                await server.StartAsync();
            }, Cancel);
        }

        await restart;
        Assert.Equal(rooms, found);
    }

    [Fact]
    public async Task Of_several_servers_the_one_that_answers_and_writes_is_used()
    {
        var port = new NpgsqlConnectionStringBuilder(server.Connection).Port;
        var store = _schema.Open(
            _health, more: $";Host=127.0.0.1:1,127.0.0.1:{port};Target Session Attributes=read-write");
        Assert.True(await CreateAsync(store, "room1"));

        await server.StopAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CreateAsync(store, "room2"));
        await server.StartAsync();
        await _health.WhenWell.WaitAsync(_patience, Cancel);

        Assert.True(await CreateAsync(store, "room2"));
        Assert.NotNull(await LoadAsync(store, "room1"));
    }

    [Fact]
    public async Task The_boot_of_Kamailio_is_remembered()
    {
        var store = _schema.Open();
        Assert.Null(store.BootMemory.LastOf("k1"));
        await store.BootMemory.RememberAsync("k1", "b1", Cancel);
        await store.BootMemory.RememberAsync("k1", "b2", Cancel);
        await store.BootMemory.RememberAsync("", "b0", Cancel);

        var again = _schema.Open().BootMemory;
        Assert.Equal(("b2", "b2"), (store.BootMemory.LastOf("k1"), again.LastOf("k1")));
        Assert.Equal(("b0", null), (again.LastOf(""), again.LastOf("k2")));
    }

    private static Task<bool> CreateAsync(PostgresStore store, string id) => store.Aggregates.TrySaveAsync(
        new(id), 0, ConferenceChanges.Between(null, Sample.Conference(id)), Cancel).AsTask();

    private static ValueTask<StoredAggregate?> LoadAsync(PostgresStore store, string id) =>
        store.Aggregates.LoadAsync(new(id), Cancel);

    private static async Task<DocumentResult> PutAsync(PostgresStore store, string path) =>
        (await store.Documents.WriteAsync(
            new()
            {
                Selector = new(ApplicationUsage.ResourceLists, "sip:alice@example.com", path),
                ExpectedETag = null,
                Content = "<a/>"u8.ToArray(),
                ETag = "e",
            },
            Cancel)).Result;

    private static async Task WriteAsync(PostgresStore store, string room, ConcurrentDictionary<string, long> kept)
    {
        Conference? before = null;
        for (var revision = 1; ; revision++)
        {
            var after = Sample.Conference(room) with
            {
                Revision = revision,
                Participants = ParticipantTable.Of([Sample.Inviter() with { ChangedAt = revision }]),
            };
            var changes = ConferenceChanges.Between(before, after) with
            {
                AddedEffects = [new(revision, Sample.Effects[0])],
                DoneEffects = [revision - 1],
            };
            try
            {
                Assert.True(await store.Aggregates.TrySaveAsync(after.Id, revision - 1, changes, Cancel));
            }
            catch (StoreUnavailableException)
            {
                return;
            }

            kept[room] = revision;
            before = after;
        }
    }

    private Task<object?> TerminateOthersAsync() => server.RunAsync(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        + "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
}
