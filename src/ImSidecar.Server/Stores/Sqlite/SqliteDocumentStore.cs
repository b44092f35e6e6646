using ImSidecar.Protocol.Xdm;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The documents in the file of the conferences.</summary>
internal sealed class SqliteDocumentStore(SqliteDatabase database, GroupCommit commit) : IDocumentStore
{
    private const string Columns = "owner, auid, path, etag, modified, size";

    public ValueTask<StoredDocument?> ReadAsync(DocumentSelector selector, CancellationToken cancellation) =>
        FindAsync(
            $"SELECT {Columns}, body FROM document WHERE owner = ?1 AND auid = ?2 AND path = ?3",
            cancellation, selector.User ?? "", selector.Auid, selector.Path);

    public ValueTask<StoredDocument?> FindGroupAsync(string addressKey, CancellationToken cancellation) =>
        FindAsync(
            $"SELECT {Columns}, body FROM group_uri JOIN document ON number = document WHERE uri = ?1",
            cancellation, addressKey);

    public ValueTask<IReadOnlyList<DocumentEntry>> ListAsync(
        string user, string? auid, CancellationToken cancellation) =>
        ReadAsync(
            $"SELECT {Columns} FROM document WHERE owner = ?1 AND (?2 = '' OR auid = ?2) ORDER BY auid, path", Entry,
            cancellation, user, auid ?? "");

    public ValueTask<IReadOnlyList<GroupOfDocument>> ListGroupsAsync(
        string? owner, string after, int most, CancellationToken cancellation)
    {
        var ofOwner = owner is null ? "?2 = ''" : "owner = ?2";
        return ReadAsync(
            $"SELECT {Columns}, uri FROM group_uri JOIN document ON number = document WHERE uri > ?1 AND {ofOwner} "
            + "ORDER BY uri LIMIT ?3",
            rows => new GroupOfDocument(rows.GetString(6), Entry(rows)),
            cancellation, after, owner ?? "", most);
    }

    public async ValueTask<DocumentOutcome> WriteAsync(DocumentWrite write, CancellationToken cancellation)
    {
        var save = new DocumentSave(write);
        await commit.SaveAsync(save, cancellation);
        return save.Result;
    }

    private async ValueTask<StoredDocument?> FindAsync(
        string sql, CancellationToken cancellation, params object[] values) =>
        await ReadAsync(sql, Document, cancellation, values) is [var found, ..] ? found : null;

    private ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        string sql, Func<SqliteDataReader, T> read, CancellationToken cancellation, params object[] values)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<T>>(database.Readers.Read(reader =>
        {
            using var rows = reader.Rows(sql, values);
            var all = new List<T>();
            while (rows.Read())
                all.Add(read(rows));
            return all;
        }));
    }

    private static StoredDocument Document(SqliteDataReader rows) => new(Entry(rows), rows.GetFieldValue<byte[]>(6));

    private static DocumentEntry Entry(SqliteDataReader reader)
    {
        var owner = reader.GetString(0);
        return new(
            new(reader.GetString(1), owner.Length == 0 ? null : owner, reader.GetString(2)),
            reader.GetString(3),
            DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)),
            reader.GetInt64(5));
    }
}
