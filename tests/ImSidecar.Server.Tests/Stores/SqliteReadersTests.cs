using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>Who reads has a connection of his own as long as he reads.</summary>
public sealed class SqliteReadersTests : IDisposable
{
    private const string Names = "SELECT name FROM meta ORDER BY name";

    private readonly string _folder = Directory.CreateTempSubdirectory("readers-test-").FullName;
    private readonly SqliteDatabase _database;

    public SqliteReadersTests() => _database = SqliteDatabase.Open(Path.Combine(_folder, "conferences.db"));

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Two_that_read_at_once_have_one_each()
    {
        var count = _database.Readers.Read(outer => outer.InOneMoment(() =>
        {
            var before = Count(outer);
            _database.Writer.Run("INSERT INTO meta (name, value) VALUES ('later', x'00')");
            var after = _database.Readers.Read(inner => inner.InOneMoment(() => Count(inner)));
            Assert.Equal(before, Count(outer));
            return after - before;
        }));

        Assert.Equal(1, count);
    }

    [Fact]
    public async Task Many_that_begin_at_once_have_one_each()
    {
        using var start = new Barrier(16);
        var threads = Enumerable.Range(0, start.ParticipantCount).Select(_ => Task.Factory.StartNew(
            () => _database.Readers.Read(reader => reader.InOneMoment(() =>
            {
                // All of them hold one by now.
                var isAll = start.SignalAndWait(TimeSpan.FromSeconds(30));
                return isAll ? Count(reader) : -1;
            })),
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();

        var counts = await Task.WhenAll(threads);

        Assert.Equal(16, counts.Length);
        Assert.DoesNotContain(-1, counts);
    }

    [Fact]
    public void One_that_has_failed_is_not_used_again()
    {
        SqliteReader? failed = null;
        Assert.Throws<SqliteException>(() => _database.Readers.Read(reader => reader.InOneMoment(() =>
        {
            failed = reader;
            using var rows = reader.Rows("SELECT nothing FROM meta");
            return 0;
        })));

        var next = _database.Readers.Read(reader => reader.InOneMoment(() => (Reader: reader, Count: Count(reader))));

        Assert.NotSame(failed, next.Reader);
        Assert.True(next.Count > 0);
    }

    [Fact]
    public void One_that_has_read_is_kept_for_the_next()
    {
        var first = _database.Readers.Read(reader => reader);

        Assert.Same(first, _database.Readers.Read(reader => reader));
    }

    [Fact]
    public void After_the_end_nobody_reads_and_what_was_under_way_is_closed()
    {
        var underway = _database.Readers.Read(reader =>
        {
            Assert.True(Count(reader) > 0);
            _database.Readers.Dispose();
            return reader;
        });

        Assert.Throws<ObjectDisposedException>(() => _database.Readers.Read(Count));
        Assert.ThrowsAny<InvalidOperationException>(() => Count(underway));
    }

    private static int Count(SqliteReader reader)
    {
        using var rows = reader.Rows(Names);
        var count = 0;
        while (rows.Read())
            count++;
        return count;
    }
}
