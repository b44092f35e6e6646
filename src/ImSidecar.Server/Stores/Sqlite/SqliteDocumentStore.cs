using ImSidecar.Protocol.Xdm;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The documents in the file of the conferences.</summary>
internal sealed class SqliteDocumentStore(SqliteDatabase database, GroupCommit commit) : IDocumentStore
{
    private const string Columns = "owner, auid, path, etag, modified, size";

    public ValueTask<StoredDocument?> ReadAsync(DocumentSelector selector, CancellationToken cancellation) =>
        Read(
            $"SELECT {Columns}, body FROM document WHERE owner = ?1 AND auid = ?2 AND path = ?3",
            cancellation,
            selector.User ?? "", selector.Auid, selector.Path);

    public ValueTask<StoredDocument?> FindGroupAsync(string addressKey, CancellationToken cancellation) =>
        Read(
            $"SELECT {Columns}, body FROM group_uri JOIN document ON number = document WHERE uri = ?1",
            cancellation,
            addressKey);

    public ValueTask<IReadOnlyList<DocumentEntry>> ListAsync(
        string user, string? auid, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var connection = database.OpenReader();
        using var command = connection.Prepared(
            $"SELECT {Columns} FROM document WHERE owner = ?1 AND (?2 = '' OR auid = ?2) ORDER BY auid, path", 2);
        using var reader = command.With(user, auid ?? "").ExecuteReader();
        var entries = new List<DocumentEntry>();
        while (reader.Read())
            entries.Add(Entry(reader));
        return ValueTask.FromResult<IReadOnlyList<DocumentEntry>>(entries);
    }

    public ValueTask<IReadOnlyList<GroupOfDocument>> ListGroupsAsync(
        string? owner, string after, int most, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var connection = database.OpenReader();
        var ofOwner = owner is null ? "?2 = ''" : "owner = ?2";
        using var command = connection.Prepared(
            $"SELECT {Columns}, uri FROM group_uri JOIN document ON number = document WHERE uri > ?1 AND {ofOwner} "
            + "ORDER BY uri LIMIT ?3", 3);
        using var reader = command.With(after, owner ?? "", most).ExecuteReader();
        var groups = new List<GroupOfDocument>();
        while (reader.Read())
            groups.Add(new(reader.GetString(6), Entry(reader)));
        return ValueTask.FromResult<IReadOnlyList<GroupOfDocument>>(groups);
    }

    public async ValueTask<DocumentOutcome> WriteAsync(DocumentWrite write, CancellationToken cancellation)
    {
        var save = new DocumentSave(write);
        await commit.SaveAsync(save, cancellation);
        return save.Result;
    }

    private ValueTask<StoredDocument?> Read(
        string sql, CancellationToken cancellation, params ReadOnlySpan<object> values)
    {
        cancellation.ThrowIfCancellationRequested();
        using var connection = database.OpenReader();
        using var command = connection.Prepared(sql, values.Length);
        using var reader = command.With(values).ExecuteReader();
        return ValueTask.FromResult(
            reader.Read() ? new StoredDocument(Entry(reader), reader.GetFieldValue<byte[]>(6)) : null);
    }

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
