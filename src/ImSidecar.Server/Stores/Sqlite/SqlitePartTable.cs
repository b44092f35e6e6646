using ImSidecar.Server.Stores.Format;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The two statements that change one table of parts.</summary>
internal sealed class SqlitePartTable(SqliteConnection connection, PartTable table) : IDisposable
{
    // An effect is never written twice: a number that is there already is a fault, not a change.
    private readonly SqliteCommand _write = connection.Prepared(
        $"INSERT INTO {Name(table)} (conference, key, format, body) VALUES (?1, ?2, ?3, ?4) "
        + (table == PartTable.Effect ? "" : "ON CONFLICT DO UPDATE SET format = excluded.format, body = excluded.body"),
        parameters: 4);

    private readonly SqliteCommand _remove = connection.Prepared(
        $"DELETE FROM {Name(table)} WHERE conference = ?1 AND key = ?2", parameters: 2);

    public static string Name(PartTable table) => table switch
    {
        PartTable.Participant => "participant",
        PartTable.Subscription => "subscription",
        PartTable.Departure => "departure",
        PartTable.Guest => "guest",
        PartTable.Content => "content",
        PartTable.Recipient => "recipient",
        _ => "effect",
    };

    public void Write(long conference, object key, byte[] body) =>
        _write.With(conference, key, StoredFormat.Current, body).ExecuteNonQuery();

    public void Remove(long conference, object key) => _remove.With(conference, key).ExecuteNonQuery();

    public void Dispose()
    {
        _write.Dispose();
        _remove.Dispose();
    }
}
