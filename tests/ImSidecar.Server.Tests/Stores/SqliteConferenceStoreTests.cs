using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>The contract on a SQLite file, and what only a file can get wrong.</summary>
public sealed class SqliteConferenceStoreTests : ConferenceStoreContract, IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("store-test-").FullName;
    private readonly StoreHealth _health = Given.StoreHealth();
    private SqliteDatabase _database;
    private SqliteConferenceStore _store;

    public SqliteConferenceStoreTests()
    {
        _database = SqliteDatabase.Open(FileName);
        _store = new(_database, _health);
    }

    protected override IAggregateStore Store => _store;

    private string FileName => Path.Combine(_folder, "conferences.db");

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_a_join_writes_does_not_grow_with_the_conference()
    {
        var small = await BytesPerJoinAsync("small", participants: 10);
        var big = await BytesPerJoinAsync("big", participants: 1000);

        Assert.InRange(big, 1, small * 1.25);
    }

    [Fact]
    public async Task Striking_off_writes_less_than_a_change()
    {
        var conference = Sample.Conference();
        await SaveAsync(null, conference, added: Numbered(Sample.Effects));

        var strikingOff = await BytesWrittenAsync(() => SaveAsync(conference, conference, done: [1]));
        var changing = await BytesWrittenAsync(() =>
            SaveAsync(conference, conference with { Revision = 43 }, done: [2]));

        Assert.InRange(strikingOff, 1, changing - 1);
    }

    [Fact]
    public async Task Saves_that_find_no_room_fail_and_the_next_ones_succeed()
    {
        var kept = Sample.Conference("kept");
        await SaveAsync(null, kept);
        var pages = _database.Writer.Scalar<long>("PRAGMA page_count");
        _database.Writer.Run($"PRAGMA max_page_count = {pages + 60}");

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() =>
            SaveAsync(null, Bulky("too-big", 1_000_000)));
        Assert.Equal("database or disk is full", error.Message);
        await _health.WhenWell.WaitAsync(_patience, Cancel);
        Assert.True(await SaveAsync(null, Sample.Conference("small")));
        Assert.True(await SaveAsync(kept, kept with { Revision = 43 }));
        Assert.Null(await Store.LoadAsync(new("too-big"), Cancel));

        // Until nothing fits any more.
        var filled = new List<Conference>();
        while (await TryFillAsync(filled))
        {
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(() => SaveAsync(null, Bulky("late", 1_000)));
        Assert.True(_health.IsFailing);
        RemoveAsAnother(filled);
        await _health.WhenWell.WaitAsync(_patience, Cancel);
        Assert.True(await SaveAsync(null, Bulky("after", 5_000)));
        Assert.Equal(43, (await Store.LoadAsync(kept.Id, Cancel))!.Conference.Revision);
    }

    [Fact]
    public async Task The_write_ahead_log_begins_anew_long_before_it_is_large()
    {
        for (var i = 0; i < 300; i++)
            Assert.True(await SaveAsync(null, Bulky("room-" + i, 100_000)));

        Assert.InRange(new FileInfo(FileName).Length, 20_000_000, 40_000_000);
        Assert.InRange(new FileInfo(FileName + "-wal").Length, 1, 10_000_000);
    }

    [Fact]
    public async Task A_program_that_locks_the_file_makes_saves_fail_until_it_lets_go()
    {
        await _store.DisposeAsync();
        _database = SqliteDatabase.Open(FileName);
        _database.Writer.Run("PRAGMA busy_timeout = 0");
        _database.Writer.DefaultTimeout = 1;
        _store = new(_database, _health);
        using (var other = new SqliteConnection($"Data Source={FileName};Pooling=False"))
        {
            other.Open();
            other.Run("BEGIN IMMEDIATE");

            var saves = Enumerable.Range(0, 5).Select(number => SaveAsync(null, Sample.Conference("room-" + number)));
            foreach (var save in saves.ToArray())
                await Assert.ThrowsAsync<StoreUnavailableException>(() => save);
            Assert.Null(await Store.LoadAsync(new("room-0"), Cancel));
        }

        await _health.WhenWell.WaitAsync(_patience, Cancel);
        Assert.True(await SaveAsync(null, Sample.Conference()));
    }

    [Fact]
    public async Task Every_waiting_save_is_written_before_the_store_closes()
    {
        var saves = Enumerable.Range(0, 300)
            .Select(number => SaveAsync(null, Sample.Conference("room-" + number)))
            .ToArray();

        await _store.DisposeAsync();

        Assert.All(await Task.WhenAll(saves), Assert.True);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => SaveAsync(null, Sample.Conference("late")));
        Assert.NotNull(await (await ReopenAsync()).LoadAsync(new("room-299"), Cancel));
    }

    [Fact]
    public async Task Parts_of_a_newer_format_are_refused_by_name()
    {
        await SaveAsync(null, Sample.Conference());
        _database.Writer.Run("UPDATE participant SET format = 9 WHERE key = 'p2'");

        var error = await Assert.ThrowsAnyAsync<Exception>(async () => await Store.LoadAsync(new("room1"), Cancel));

        Assert.Contains("participant p2", error.Message, StringComparison.Ordinal);
        Assert.Contains("format 9", error.Message, StringComparison.Ordinal);
    }

    protected override async Task<IAggregateStore> ReopenAsync()
    {
        await _store.DisposeAsync();
        _database = SqliteDatabase.Open(FileName);
        return _store = new(_database, _health);
    }

    private static Conference Bulky(string id, int bytes) =>
        Sample.Conference(id) with { Subject = new StringBuilder().Insert(0, "x", bytes).ToString() };

    private async Task<bool> TryFillAsync(List<Conference> filled)
    {
        var conference = Bulky("fill-" + filled.Count, 10_000);
        try
        {
            await SaveAsync(null, conference);
            filled.Add(conference);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private void RemoveAsAnother(List<Conference> conferences)
    {
        using var other = new SqliteConnection($"Data Source={FileName};Pooling=False");
        other.Open();
        foreach (var conference in conferences)
            other.Run($"DELETE FROM conference WHERE id = '{conference.Id.Value}'");
    }

    private async Task<double> BytesPerJoinAsync(string id, int participants)
    {
        const int Joins = 20;
        var conference = Sample.Conference(id);
        conference = conference with
        {
            Participants = Enumerable.Range(1000, participants).Aggregate(
                conference.Participants, (table, number) => table.Set(Sample.Invitee("p" + number))),
            Departures = conference.Departures.AddRange(Enumerable.Range(0, participants)
                .Select(number => KeyValuePair.Create("sip:gone" + number, Sample.Departure("sip:gone" + number)))),
        };
        await SaveAsync(null, conference);

        var bytes = await BytesWrittenAsync(async () =>
        {
            for (var join = 1; join <= Joins; join++)
            {
                var joined = Sample.Inviter() with { Id = "p" + (5000 + join) };
                var after = conference with
                {
                    Revision = conference.Revision + 1,
                    // A head of another length: SQLite leaves the equal pages of an equally long row alone.
                    Subject = new('x', join),
                    Participants = conference.Participants.Set(joined),
                };
                PendingEffect[] effects = [new(2 * join, Sample.Effects[0]), new(2 * join + 1, Sample.Effects[5])];
                Assert.True(await SaveAsync(conference, after, added: [.. effects]));
                conference = after;
            }

            return true;
        });
        return (double)bytes / Joins;
    }

    /// <summary>
    /// The write-ahead log, cut to nothing, grows by every page that is written as long as somebody still reads what
    /// was before: it does not begin anew.
    /// </summary>
    private async Task<long> BytesWrittenAsync(Func<Task<bool>> act)
    {
        await ReopenAsync();
        using var reader = new SqliteConnection($"Data Source={FileName};Pooling=False");
        reader.Open();
        reader.Run("PRAGMA busy_timeout = 10000");
        Assert.Equal(0, reader.Scalar<long>("PRAGMA wal_checkpoint(TRUNCATE)"));
        reader.Run("BEGIN");
        reader.Scalar<long>("SELECT count(*) FROM meta");
        var log = new FileInfo(FileName + "-wal");
        Assert.Equal(0, log.Length);
        Assert.True(await act());
        log.Refresh();
        return log.Length;
    }
}
