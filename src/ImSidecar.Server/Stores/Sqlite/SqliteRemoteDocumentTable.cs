using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>Writes what is known of a remote XDMS within the transaction of the writer.</summary>
internal sealed class SqliteRemoteDocumentTable(SqliteConnection connection) : IDisposable
{
    private const string Key = "root = ?1 AND owner = ?2 AND auid = ?3 AND path = ?4";

    private readonly SqliteCommand _put = connection.Prepared(
        "INSERT INTO remote_document (root, owner, auid, path, tag, confirmed, body) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (root, owner, auid, path) "
        + "DO UPDATE SET tag = excluded.tag, confirmed = excluded.confirmed, body = excluded.body", 7);

    private readonly SqliteCommand _confirm = connection.Prepared(
        $"UPDATE remote_document SET confirmed = ?5 WHERE {Key}", 5);

    private readonly SqliteCommand _remove = connection.Prepared($"DELETE FROM remote_document WHERE {Key}", 4);

    private readonly SqliteCommand _forget = connection.Prepared(
        "DELETE FROM remote_document WHERE confirmed < ?1 OR number IN "
        + "(SELECT number FROM remote_document ORDER BY confirmed DESC LIMIT -1 OFFSET ?2)", 2);

    public void Write(RemoteDocumentSave save)
    {
        foreach (var change in save.Changes)
            Write(save.Root, change);
        if (save.ForgetBefore is { } before)
            _forget.With(before.ToUnixTimeMilliseconds(), save.Most).ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_put, _confirm, _remove, _forget])
            command.Dispose();
    }

    private void Write(string root, RememberedChange change)
    {
        var (auid, owner, path) = (change.Selector.Auid, change.Selector.User ?? "", change.Selector.Path);
        if (change.Document is { } document)
        {
            _put.With(
                root, owner, auid, path, (object?)document.Tag ?? DBNull.Value,
                document.ConfirmedAt.ToUnixTimeMilliseconds(), document.Content.ToArray()).ExecuteNonQuery();
        }
        else if (change.ConfirmedAt is { } confirmed)
        {
            _confirm.With(root, owner, auid, path, confirmed.ToUnixTimeMilliseconds()).ExecuteNonQuery();
        }
        else
        {
            _remove.With(root, owner, auid, path).ExecuteNonQuery();
        }
    }
}
