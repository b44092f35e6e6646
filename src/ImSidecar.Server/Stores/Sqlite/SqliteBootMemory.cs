using System.Collections.Concurrent;
using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>A row beside the conferences for each Kamailio, written once for each of its starts.</summary>
internal sealed class SqliteBootMemory : IBootMemory
{
    // Followed by the name of the instance; without one it is what releases with one Kamailio have written.
    private const string Row = "link-boot";

    private readonly SqliteDatabase _database;
    private readonly ConcurrentDictionary<string, string> _last = new(StringComparer.Ordinal);

    public SqliteBootMemory(SqliteDatabase database)
    {
        _database = database;
        foreach (var (name, boot) in database.Readers.Read(ReadAll))
            _last[name] = boot;
    }

    public string? LastOf(string instance) => _last.GetValueOrDefault(NameOf(instance));

    public async ValueTask RememberAsync(string instance, string boot, CancellationToken cancellation)
    {
        // Off the caller's thread: SQLite waits for the disk.
        await Task.Run(() => Write(NameOf(instance), boot), cancellation);
        _last[NameOf(instance)] = boot;
    }

    private static string NameOf(string instance) => instance.Length == 0 ? Row : Row + ":" + instance;

    private static List<(string Name, string Boot)> ReadAll(SqliteReader reader)
    {
        using var rows = reader.Rows(
            "SELECT name, CAST(value AS TEXT) FROM meta WHERE name >= 'link-boot' AND name < 'link-boou'");
        var all = new List<(string, string)>();
        while (rows.Read())
            all.Add((rows.GetString(0), rows.GetString(1)));
        return all;
    }

    private void Write(string name, string boot)
    {
        using var connection = _database.OpenSecondWriter();
        using var command = connection.Prepared(
            "INSERT INTO meta (name, value) VALUES (?1, CAST(?2 AS BLOB)) "
            + "ON CONFLICT DO UPDATE SET value = excluded.value", 2);
        command.With(name, boot).ExecuteNonQuery();
    }
}
