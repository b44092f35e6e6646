using System.Diagnostics;
using ImSidecar.Server.Stores.Format;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>Writes a batch of saves in one transaction.</summary>
internal sealed class SqliteWriter(SqliteConnection connection) : IStoreWriter, IDisposable
{
    private readonly SqliteTransactions _transactions = new(connection, SqliteSchema.Format);

    private readonly SqliteStatement _find = new(
        connection, "SELECT number, revision FROM conference WHERE id = ?1");

    private readonly SqliteCommand _insert = connection.Prepared(
        "INSERT INTO conference (id, revision, format, body) VALUES (?1, ?2, ?3, ?4) RETURNING number", 4);

    private readonly SqliteStatement _update = new(
        connection, "UPDATE conference SET revision = ?2, format = ?3, body = ?4 WHERE number = ?1");

    private readonly SqliteStatement _advance = new(
        connection, "UPDATE conference SET revision = ?2 WHERE number = ?1");

    private readonly SqliteCommand _delete = connection.Prepared("DELETE FROM conference WHERE number = ?1", 1);

    private readonly SqlitePartTable[] _parts =
        [.. Enum.GetValues<PartTable>().Select(table => new SqlitePartTable(connection, table))];

    private readonly SqliteDocumentTable _documents = new(connection);
    private readonly SqliteRemoteDocumentTable _remoteDocuments = new(connection);

    /// <summary>Commits all that match their expected revision, or throws having committed none.</summary>
    public void Write(IReadOnlyList<StoreWrite> batch) => _transactions.Run(() =>
    {
        foreach (var write in batch)
        {
            write.IsSaved = write switch
            {
                ConferenceSave save => TryWrite(save),
                DocumentSave save => _documents.TryWrite(save),
                RemoteDocumentSave save => Write(save),
                _ => throw new UnreachableException(write.GetType().Name),
            };
        }
    });

    public void Probe() => _transactions.Probe();

    public void Tidy(bool hasTime) => _transactions.Tidy(hasTime);

    public void Dispose()
    {
        IDisposable[] statements = [_transactions, _find, _insert, _update, _advance, _delete];
        foreach (var statement in statements)
            statement.Dispose();
        foreach (var table in _parts)
            table.Dispose();
        _documents.Dispose();
        _remoteDocuments.Dispose();
    }

    // Nobody else knows better: it is always written.
    private bool Write(RemoteDocumentSave save)
    {
        _remoteDocuments.Write(save);
        return true;
    }

    private bool TryWrite(ConferenceSave save)
    {
        var (number, revision) = Find(save.Id.Value);
        if (revision != save.ExpectedRevision)
            return false;

        var changes = save.Changes;
        if (changes.Deletes)
        {
            _delete.With(number).ExecuteNonQuery();
            return true;
        }

        number = WriteHead(number, save);
        foreach (var (table, key) in changes.Removed)
            _parts[(int)table].Remove(number, key);
        foreach (var part in changes.Written)
            _parts[(int)part.Table].Write(number, part.Key, part.Body);
        return true;
    }

    private (long Number, long Revision) Find(string id)
    {
        Span<long> row = stackalloc long[2];
        return _find.TryRead(row, id) ? (row[0], row[1]) : default;
    }

    private long WriteHead(long number, ConferenceSave save)
    {
        var changes = save.Changes;
        if (changes.Head is not { } head)
        {
            if (changes.Revision != save.ExpectedRevision)
                _advance.Run(number, changes.Revision);
            return number;
        }

        if (number == 0)
            return (long)_insert.With(save.Id.Value, changes.Revision, StoredFormat.Current, head).ExecuteScalar()!;

        _update.Run(number, changes.Revision, StoredFormat.Current, head);
        return number;
    }
}
