using System.Collections.Concurrent;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>What happens to the server of PostgreSQL, or to the way to it.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresOutageTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly string _schema = "t_" + Guid.NewGuid().ToString("N");
    private readonly List<DeferredMessageStore> _stores = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await server.RunAsync($"DROP SCHEMA IF EXISTS {_schema} CASCADE");
    }

    [Fact]
    public async Task A_server_that_is_stopped_makes_the_store_fail_until_it_is_back()
    {
        var store = Open();
        Assert.Equal(Deferral.Kept, await AddAsync(store, "k1"));

        await server.StopAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => AddAsync(store, "k2"));
        Assert.True(store.Health.IsFailing);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => AddAsync(store, "k2"));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.CountAsync(Alice, Cancel));

        await server.StartAsync();
        await store.Health.WhenWell.WaitAsync(_patience, Cancel);
        Assert.Equal(Deferral.Known, await AddAsync(store, "k1"));
        Assert.Equal(Deferral.Kept, await AddAsync(store, "k2"));
        Assert.Equal(["k1", "k2"], await KeysAsync(store));
    }

    [Fact]
    public async Task A_restart_while_nobody_writes_is_not_noticed()
    {
        var store = Open();
        Assert.Equal(Deferral.Kept, await AddAsync(store, "k1"));
        Assert.Equal(["k1"], await KeysAsync(store));

        await server.StopAsync();
        await server.StartAsync();

        Assert.Equal(["k1"], await KeysAsync(store));
        Assert.Equal(Deferral.Kept, await AddAsync(store, "k2"));
        Assert.False(store.Health.IsFailing);
    }

    [Fact]
    public async Task A_server_that_is_away_at_the_start_is_waited_for()
    {
        await server.StopAsync();
        var store = Open();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => AddAsync(store, "k1"));

        await server.StartAsync();
        await store.Health.WhenWell.WaitAsync(_patience, Cancel);

        Assert.Equal(Deferral.Kept, await AddAsync(store, "k1"));
    }

    [Fact]
    public async Task What_was_answered_before_the_server_crashed_is_there_afterwards()
    {
        var store = Open();
        var kept = new ConcurrentBag<string>();
        var writers = Enumerable.Range(0, 16)
            .Select(writer => Task.Run(() => WriteAsync(store, writer, kept)))
            .ToArray();
        while (kept.Count < 500)
            await Task.Delay(5, Cancel);

        await server.CrashAsync();
        await Task.WhenAll(writers);
        await server.StartAsync();
        await store.Health.WhenWell.WaitAsync(_patience, Cancel);

        var keys = (await KeysAsync(store)).ToList();
        Assert.Empty(kept.Except(keys));
        Assert.Equal(keys.Count, keys.Distinct().Count());
        // Each writer may have had one that was committed and not answered.
        Assert.InRange(keys.Count, kept.Count, kept.Count + writers.Length);
        Assert.Equal(keys.Count, (await store.CountAsync(Alice, Cancel)).Messages);
    }

    [Fact]
    public async Task A_server_that_becomes_read_only_makes_the_store_fail_and_is_still_read()
    {
        var store = Open();
        Assert.Equal(Deferral.Kept, await AddAsync(store, "k1"));

        await server.RunAsync("ALTER ROLE tester SET default_transaction_read_only = on");
        await TerminateOthersAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => AddAsync(store, "k2"));
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancel);
        Assert.True(store.Health.IsFailing);
        Assert.Equal(["k1"], await KeysAsync(store));

        // What is there already needs no writing at the start.
        Assert.Equal(["k1"], await KeysAsync(Open()));

        await server.RunAsync("ALTER ROLE tester RESET ALL");
        await TerminateOthersAsync();
        await store.Health.WhenWell.WaitAsync(_patience, Cancel);
        Assert.Equal(Deferral.Kept, await AddAsync(store, "k2"));
    }

    [Fact]
    public async Task A_server_that_takes_too_long_refuses_and_everybody_has_his_answer()
    {
        var store = Open(new() { Connection = server.Connection + ";Command Timeout=1", Schema = _schema });
        Assert.Equal(Deferral.Kept, await AddAsync(store, "k1"));
        await using var other = new NpgsqlConnection(server.Connection);
        await other.OpenAsync(Cancel);
        await using var blocking = await other.BeginTransactionAsync(Cancel);
        await using (var command = new NpgsqlCommand($"SELECT * FROM {_schema}.total FOR UPDATE", other, blocking))
            await command.ExecuteNonQueryAsync(Cancel);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => AddAsync(store, "k2"));

        await blocking.RollbackAsync(Cancel);
        await store.Health.WhenWell.WaitAsync(_patience, Cancel);
        Assert.Equal(Deferral.Kept, await AddAsync(store, "k2"));
        Assert.Equal(["k1", "k2"], await KeysAsync(store));
    }

    [Fact]
    public async Task Two_nodes_on_one_database_give_each_number_once_and_share_the_quotas()
    {
        DeferredMessageStore[] nodes = [Open(), Open()];
        var quota = DeferralQuota.None with { UserMessages = 50, Messages = 90 };
        string[] users = [Alice, Bob, "sip:c"];

        var outcomes = await Task.WhenAll(
            from node in nodes
            from user in users
            from number in Enumerable.Range(0, 60)
            select Task.Run(async () => (node, user, number, Result: await node.AddAsync(
                Message("k" + number, user, size: 10), quota, Cancel))));

        Assert.Equal(90, outcomes.Count(outcome => outcome.Result == Deferral.Kept));
        Assert.All(
            outcomes.Where(outcome => outcome.Result == Deferral.Kept).GroupBy(outcome => outcome.user),
            kept => Assert.Equal(kept.Count(), kept.DistinctBy(each => each.number).Count()));
        Assert.Equal(new(90, 900), await nodes[0].CountAllAsync(Cancel));
        foreach (var user in users)
        {
            var messages = await nodes[1].ReadAsync(user, 0, 100, long.MaxValue, Now, Cancel);
            Assert.InRange(messages.Length, 0, 50);
            Assert.Equal(
                Enumerable.Range(1, messages.Length).Select(number => (long)number),
                messages.Select(message => message.Number));
        }

        var removed = await Task.WhenAll(nodes.Select(node => Task.Run(async () => await node.RemoveAsync(
            Alice, [.. Enumerable.Range(1, 60).Select(number => (long)number)], DeferredEnd.Deleted, Now, Cancel))));
        Assert.Equal(outcomes.Count(each => each.user == Alice && each.Result == Deferral.Kept), removed.Sum());
    }

    [Fact]
    public async Task The_tables_are_made_once_however_many_nodes_start_at_once()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Open())));

        foreach (var (i, store) in stores.Index())
        {
            // Who waited for the others longer than for any command tries again.
            await store.Health.WhenWell.WaitAsync(_patience, Cancel);
            Assert.Equal(Deferral.Kept, await AddAsync(store, "k" + i));
        }

        Assert.Equal(8, (await KeysAsync(stores[0])).Count());
    }

    [Fact]
    public async Task Tables_of_a_newer_release_are_refused()
    {
        Open();
        await server.RunAsync($"UPDATE {_schema}.version SET version = 77");

        var error = Assert.Throws<StoreUnavailableException>(() => Open());

        Assert.Contains("newer release (schema 77", error.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "DeferredStore:Connection: cannot use PostgreSQL 127.0.0.1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Database=nowhere", "does not exist")]
    [InlineData("Username=nobody", "password authentication failed")]
    public void What_only_the_operator_can_mend_ends_the_start(string wrong, string reason)
    {
        var options = new DeferredStoreOptions
        {
            Connection = server.ConnectionWithoutPassword + ";" + wrong,
            PasswordFile = server.PasswordFile,
            Schema = _schema,
        };

        var error = Assert.Throws<StoreUnavailableException>(() => Open(options));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_comes_from_a_file_and_the_server_is_found_by_its_socket_too()
    {
        var byFile = Open(new()
        {
            Connection = server.ConnectionWithoutPassword,
            PasswordFile = server.PasswordFile,
            Schema = _schema,
        });
        var bySocket = Open(new() { Connection = server.ConnectionBySocket, Schema = _schema });

        Assert.Equal(Deferral.Kept, await AddAsync(byFile, "k1"));
        Assert.Equal(Deferral.Known, await AddAsync(bySocket, "k1"));
    }

    private static async Task WriteAsync(DeferredMessageStore store, int writer, ConcurrentBag<string> kept)
    {
        for (var number = 0; ; number++)
        {
            try
            {
                if (await AddAsync(store, $"{writer}-{number}") == Deferral.Kept)
                    kept.Add($"{writer}-{number}");
            }
            catch (StoreUnavailableException)
            {
                return;
            }
        }
    }

    private static async Task<Deferral> AddAsync(DeferredMessageStore store, string key) =>
        await store.AddAsync(Message(key), DeferralQuota.None, Cancel);

    private static async Task<IEnumerable<string>> KeysAsync(DeferredMessageStore store) =>
        (await store.ReadAsync(Alice, 0, 100_000, long.MaxValue, Now, Cancel)).Select(message => message.Key);

    private DeferredMessageStore Open(DeferredStoreOptions? options = null)
    {
        var store = DeferredStoreServices.Open(
            options ?? new() { Connection = server.Connection, Schema = _schema }, new() { Path = "/nowhere/imsidecar.db" },
            Given.StoreHealth(), NullLogger<DeferredMessageStore>.Instance);
        lock (_stores)
            _stores.Add(store);
        return store;
    }

    private Task<object?> TerminateOthersAsync() => server.RunAsync(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        + "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
}
