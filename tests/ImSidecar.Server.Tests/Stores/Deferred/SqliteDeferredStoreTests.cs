using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Stores.Deferred.Sqlite;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Data.Sqlite;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>The contract on a SQLite file, and what only a file can get wrong.</summary>
public sealed class SqliteDeferredStoreTests : DeferredStoreContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-test-").FullName;

    private protected override DeferredStoreOptions Place => new() { Connection = $"Data Source={FileName}" };

    private string FileName => Path.Combine(_folder, "deferred.db");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_file_of_conferences_is_refused_and_so_is_ours_to_them()
    {
        await Store.DisposeAsync();
        var conferences = Path.Combine(_folder, "conferences.db");
        SqliteDatabase.Open(conferences).Dispose();

        var error = Assert.Throws<StoreUnavailableException>(() => SqliteDeferredEngine.Open(conferences));
        Assert.Throws<StoreUnavailableException>(() => SqliteDatabase.Open(FileName));

        Assert.Equal(
            $"DeferredStore:Connection: cannot use {conferences}: it is the database of another application",
            error.Message);
    }

    [Fact]
    public void A_second_process_is_kept_away_from_the_file() =>
        Assert.Throws<StoreUnavailableException>(() => Open(Place));

    [Fact]
    public async Task A_full_disk_refuses_what_it_cannot_keep_and_removal_makes_room_again()
    {
        await Store.DisposeAsync();
        using var database = SqliteDatabase.Open(FileName, SqliteDeferredSchema.Format);
        var health = Given.StoreHealth();
        await using var store = new DeferredMessageStore(
            new SqliteDeferredEngine(database, FileName), new([]), health,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<DeferredMessageStore>.Instance);
        var pages = database.Writer.Scalar<long>("PRAGMA page_count");
        database.Writer.Run($"PRAGMA max_page_count = {pages + 60}");

        await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
            await store.AddAsync(Message("big", size: 1_000_000), DeferralQuota.None, Cancel));
        await health.WhenWell.WaitAsync(Patience, Cancel);
        Assert.Equal(Deferral.Kept, await store.AddAsync(Message("small"), DeferralQuota.None, Cancel));
        Assert.Equal(new(1, 100), await store.CountAllAsync(Cancel));

        database.Writer.Run("PRAGMA query_only = ON");
        await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
            await store.AddAsync(Message("small2"), DeferralQuota.None, Cancel));
        Assert.True(health.IsFailing);
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
            await store.AddAsync(Message("small2"), DeferralQuota.None, Cancel));
        Assert.True(refused.NothingWritten);
        Assert.Single(await store.ReadAsync(Alice, 0, 10, 1000, Now, Cancel));
    }

    [Fact]
    public async Task What_is_removed_gives_its_room_back_to_the_disk()
    {
        await Task.WhenAll(Enumerable.Range(0, 400).Select(number =>
            KeptAsync(Message("k" + number, size: 100_000))));
        Assert.InRange(await ScalarAsync("PRAGMA page_count"), 9_000, 15_000);

        await RemoveAsync([.. Enumerable.Range(1, 400).Select(number => (long)number)]);
        for (var i = 0; i < 40; i++)
            await Store.ExpireAsync(Now, 1, Cancel);

        await Store.DisposeAsync();
        Assert.InRange(new FileInfo(FileName).Length, 1, 5_000 * 4096);
    }

    private protected override int Histories => 30;

    private protected override Task<long> ScalarAsync(string sql) => Task.FromResult(Past<long>(sql));

    private protected override Task<byte[]> BytesAsync(string sql) => Task.FromResult(Past<byte[]>(sql));

    private protected override Task RunAsync(string sql)
    {
        using var connection = OpenAsOther();
        connection.Run(sql);
        return Task.CompletedTask;
    }

    private protected override string Literal(byte[] bytes) => $"x'{Convert.ToHexString(bytes)}'";

    private T Past<T>(string sql)
    {
        using var connection = OpenAsOther();
        return connection.Scalar<T>(sql);
    }

    private SqliteConnection OpenAsOther()
    {
        var connection = new SqliteConnection($"Data Source={FileName};Pooling=False");
        connection.Open();
        return connection;
    }
}
