using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The documents of a remote XDMS in the file of the conferences.</summary>
internal sealed class SqliteRemoteDocuments(SqliteDatabase database, GroupCommit commit) : IRemoteDocumentStore
{
    public ValueTask<RememberedDocument?> ReadAsync(
        string root, DocumentSelector selector, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var connection = database.OpenReader();
        using var command = connection.Prepared(
            "SELECT tag, confirmed, body FROM remote_document "
            + "WHERE root = ?1 AND owner = ?2 AND auid = ?3 AND path = ?4", 4);
        using var reader = command.With(root, selector.User ?? "", selector.Auid, selector.Path).ExecuteReader();
        if (!reader.Read())
            return ValueTask.FromResult<RememberedDocument?>(null);

        return ValueTask.FromResult<RememberedDocument?>(new(
            reader.IsDBNull(0) ? null : reader.GetString(0),
            DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)),
            reader.GetFieldValue<byte[]>(2)));
    }

    public async ValueTask WriteAsync(
        string root, IReadOnlyList<RememberedChange> changes, CancellationToken cancellation) =>
        await commit.SaveAsync(new RemoteDocumentSave { Root = root, Changes = changes }, cancellation);

    public async ValueTask PruneAsync(DateTimeOffset before, int most, CancellationToken cancellation) =>
        await commit.SaveAsync(new RemoteDocumentSave { ForgetBefore = before, Most = most }, cancellation);
}
