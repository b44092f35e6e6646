using ImSidecar.Server.Stores.Format;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The two statements that change one table of parts.</summary>
internal sealed class SqlitePartTable(SqliteConnection connection, PartTable table) : IDisposable
{
    // An effect is never written twice: a number that is there already is a fault, not a change.
    private readonly SqliteStatement _write = new(
        connection,
        $"INSERT INTO {StoredPart.Name(table)} (conference, key, format, body) VALUES (?1, ?2, ?3, ?4) "
        + (table == PartTable.Effect
            ? ""
            : "ON CONFLICT DO UPDATE SET format = excluded.format, body = excluded.body"));

    private readonly SqliteStatement _remove = new(
        connection, $"DELETE FROM {StoredPart.Name(table)} WHERE conference = ?1 AND key = ?2");

    public void Write(long conference, object key, byte[] body) =>
        _write.Run(conference, key, StoredFormat.Current, body);

    public void Remove(long conference, object key) => _remove.Run(conference, key);

    public void Dispose()
    {
        _write.Dispose();
        _remove.Dispose();
    }
}
