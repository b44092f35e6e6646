using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>A row beside the conferences, written once for each start of Kamailio.</summary>
internal sealed class SqliteBootMemory : IBootMemory
{
    private readonly SqliteDatabase _database;
    private string? _last;

    public SqliteBootMemory(SqliteDatabase database)
    {
        _database = database;
        using var reader = database.OpenReader();
        using var command = reader.Prepared("SELECT CAST(value AS TEXT) FROM meta WHERE name = 'link-boot'");
        _last = command.ExecuteScalar() as string;
    }

    public string? Last => Volatile.Read(ref _last);

    public async ValueTask RememberAsync(string boot, CancellationToken cancellation)
    {
        // Off the caller's thread: SQLite waits for the disk.
        await Task.Run(() => Write(boot), cancellation);
        Volatile.Write(ref _last, boot);
    }

    private void Write(string boot)
    {
        using var connection = _database.OpenSecondWriter();
        using var command = connection.Prepared(
            "INSERT INTO meta (name, value) VALUES ('link-boot', CAST(?1 AS BLOB)) "
            + "ON CONFLICT DO UPDATE SET value = excluded.value", 1);
        command.With(boot).ExecuteNonQuery();
    }
}
