using Npgsql;
using static ImSidecar.Server.Stores.Postgres.PostgresCommands;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>The statements that write what is known of a remote XDMS.</summary>
internal static class PostgresRemoteRows
{
    private const string Key = "root = $1 AND owner = $2 AND auid = $3 AND path = $4";

    public static void AddTo(NpgsqlBatch batch, RemoteDocumentSave save)
    {
        foreach (var change in save.Changes)
            Add(batch, Bytes(save.Root), change);
        if (save.ForgetBefore is { } before)
        {
            batch.Add(
                """
                DELETE FROM remote_document WHERE confirmed < $1 OR ctid = ANY (ARRAY (
                    SELECT ctid FROM remote_document ORDER BY confirmed DESC OFFSET $2))
                """,
                before.ToUnixTimeMilliseconds(), save.Most);
        }
    }

    private static void Add(NpgsqlBatch batch, byte[] root, RememberedChange change)
    {
        var (auid, owner, path) =
            (Bytes(change.Selector.Auid), Bytes(change.Selector.User ?? ""), Bytes(change.Selector.Path));
        if (change.Document is { } document)
        {
            batch.Add(
                """
                INSERT INTO remote_document (root, owner, auid, path, tag, confirmed, body)
                VALUES ($1, $2, $3, $4, nullif($5, ''), $6, $7) ON CONFLICT (root, owner, auid, path)
                DO UPDATE SET tag = excluded.tag, confirmed = excluded.confirmed, body = excluded.body
                """,
                root, owner, auid, path, document.Tag ?? "", document.ConfirmedAt.ToUnixTimeMilliseconds(),
                document.Content.ToArray());
        }
        else if (change.ConfirmedAt is { } confirmed)
        {
            batch.Add(
                $"UPDATE remote_document SET confirmed = $5 WHERE {Key}", root, owner, auid, path,
                confirmed.ToUnixTimeMilliseconds());
        }
        else
        {
            batch.Add($"DELETE FROM remote_document WHERE {Key}", root, owner, auid, path);
        }
    }
}
