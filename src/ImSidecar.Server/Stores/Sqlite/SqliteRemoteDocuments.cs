using ImSidecar.Protocol.Xdm;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The documents of a remote XDMS in the file of the conferences.</summary>
internal sealed class SqliteRemoteDocuments(SqliteDatabase database, GroupCommit commit) : IRemoteDocumentStore
{
    public ValueTask<RememberedDocument?> ReadAsync(
        string root, DocumentSelector selector, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Readers.Read(reader =>
        {
            using var rows = reader.Rows(
                "SELECT tag, confirmed, body FROM remote_document "
                + "WHERE root = ?1 AND owner = ?2 AND auid = ?3 AND path = ?4",
                root, selector.User ?? "", selector.Auid, selector.Path);
            return rows.Read() ? Remembered(rows) : null;
        }));
    }

    public async ValueTask WriteAsync(
        string root, IReadOnlyList<RememberedChange> changes, CancellationToken cancellation) =>
        await commit.SaveAsync(new RemoteDocumentSave { Root = root, Changes = changes }, cancellation);

    public async ValueTask PruneAsync(DateTimeOffset before, int most, CancellationToken cancellation) =>
        await commit.SaveAsync(new RemoteDocumentSave { ForgetBefore = before, Most = most }, cancellation);

    private static RememberedDocument Remembered(SqliteDataReader rows) => new(
        rows.IsDBNull(0) ? null : rows.GetString(0),
        DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(1)),
        rows.GetFieldValue<byte[]>(2));
}
