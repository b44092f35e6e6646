using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>How the file is opened, what is refused at start, and with which words.</summary>
public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-test-").FullName;

    private string FileName => Path.Combine(_folder, "conferences.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Commits_are_durable_and_parts_belong_to_their_conference()
    {
        using var database = SqliteDatabase.Open(FileName);

        Assert.Equal("wal", database.Writer.Scalar<string>("PRAGMA journal_mode"));
        Assert.Equal(2, database.Writer.Scalar<long>("PRAGMA synchronous"));
        Assert.Equal(1, database.Writer.Scalar<long>("PRAGMA foreign_keys"));
        Assert.Equal(SqliteSchema.ApplicationId, database.Writer.Scalar<long>("PRAGMA application_id"));
        Assert.Equal(SqliteSchema.Current, database.Writer.Scalar<long>("PRAGMA user_version"));
    }

    [Fact]
    public void The_file_is_for_its_owner_only()
    {
        using var database = SqliteDatabase.Open(FileName);

        foreach (var file in Directory.EnumerateFiles(_folder))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void The_node_secret_is_made_once()
    {
        byte[] first;
        using (var database = SqliteDatabase.Open(FileName))
            first = database.NodeSecret.Value.ToArray();

        using var again = SqliteDatabase.Open(FileName);
        Assert.Equal(32, first.Length);
        Assert.Equal(first, again.NodeSecret.Value.ToArray());

        using var other = SqliteDatabase.Open(FileName + "2");
        Assert.NotEqual(first, other.NodeSecret.Value.ToArray());
    }

    [Fact]
    public void A_second_owner_is_refused_until_the_first_lets_go()
    {
        using (SqliteDatabase.Open(FileName))
            Refused("another process uses it");

        SqliteDatabase.Open(FileName).Dispose();
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused()
    {
        var path = Path.Combine(_folder, "none", "conferences.db");

        var error = Assert.Throws<StoreUnavailableException>(() => SqliteDatabase.Open(path));

        Assert.StartsWith($"Store:Path: cannot use {path}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_instead_of_a_file_is_refused()
    {
        Directory.CreateDirectory(FileName);

        Refused("");
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        File.WriteAllText(FileName, string.Concat(Enumerable.Repeat("this is my shopping list\n", 100)));

        Refused("it is not a database");

        Assert.StartsWith("this is my shopping list", File.ReadAllText(FileName), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PRAGMA application_id = 7")]
    [InlineData("CREATE TABLE theirs (x)")]
    public void The_database_of_another_application_is_refused_and_left_alone(string theirs)
    {
        using (var other = OpenAsOther())
            other.Run(theirs);

        Refused("it is the database of another application");

        using var after = OpenAsOther();
        Assert.Equal("delete", after.Scalar<string>("PRAGMA journal_mode"));
        Assert.Equal(0, after.Scalar<long>("SELECT count(*) FROM sqlite_schema WHERE name = 'conference'"));
    }

    [Fact]
    public void A_file_of_a_newer_release_is_refused()
    {
        SqliteDatabase.Open(FileName).Dispose();
        using (var other = OpenAsOther())
            other.Run("PRAGMA user_version = 77");

        Refused($"it was written by a newer release (schema 77, this release knows up to {SqliteSchema.Current})");
    }

    [Fact]
    public void An_empty_file_becomes_a_store()
    {
        File.WriteAllBytes(FileName, []);

        using var database = SqliteDatabase.Open(FileName);

        Assert.Equal(0, database.Writer.Scalar<long>("SELECT count(*) FROM conference"));
    }

    [Fact]
    public async Task A_damaged_page_is_an_error_and_not_an_empty_answer()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using (var store = new SqliteConferenceStore(SqliteDatabase.Open(FileName), Given.StoreHealth()))
        {
            var conference = Sample.Conference();
            var saved = await store.TrySaveAsync(conference.Id, 0, ConferenceChanges.Between(null, conference), cancel);
            Assert.True(saved);
        }

        using (var file = File.OpenWrite(FileName))
        {
            file.Position = 4096;
            file.Write(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray());
        }

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var store = new SqliteConferenceStore(SqliteDatabase.Open(FileName), Given.StoreHealth());
            await store.LoadAsync(new("room1"), cancel);
        });
    }

    private SqliteConnection OpenAsOther()
    {
        SqliteLibrary.Load();
        var connection = new SqliteConnection($"Data Source={FileName};Pooling=False");
        connection.Open();
        return connection;
    }

    private void Refused(string reason)
    {
        var error = Assert.Throws<StoreUnavailableException>(() => SqliteDatabase.Open(FileName));

        Assert.StartsWith($"Store:Path: cannot use {FileName}: {reason}", error.Message, StringComparison.Ordinal);
    }
}
