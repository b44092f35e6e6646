using ImSidecar.Protocol.Xdm;
using Npgsql;
using static ImSidecar.Server.Stores.Postgres.PostgresCommands;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>The statements that read what a batch of documents is about, and write what comes of it.</summary>
internal static class PostgresDocumentRows
{
    // Ours, with that of the schema: documents of all nodes are written one batch after the other.
    private const int Lock = 0x494D5358;

    /// <summary>Changes that a node may miss and still be told of each by itself.</summary>
    public const int ChangesKept = 10_000;

    private const string Places = "unnest($1, $2, $3) AS a (owner, auid, path)";

    public static PostgresDocumentLedger Load(NpgsqlConnection connection, IReadOnlyList<DocumentWrite> writes)
    {
        var (owners, auids, paths) = Columns([.. writes.Select(write => write.Selector).Distinct()]);
        using var batch = new NpgsqlBatch(connection);
        batch.Add($"SELECT pg_advisory_xact_lock({Lock}, hashtext(current_schema()))");
        batch.Add(
            $"SELECT d.owner, d.auid, d.path, etag, size FROM document d JOIN {Places} USING (owner, auid, path)",
            owners, auids, paths);
        batch.Add(
            $"""
            SELECT g.owner, g.auid, g.path, uri FROM group_uri g JOIN {Places} USING (owner, auid, path)
            UNION
            SELECT owner, auid, path, uri FROM group_uri WHERE uri = ANY ($4)
            """,
            owners, auids, paths, writes.SelectMany(write => write.Groups).Distinct().Select(Bytes).ToArray());
        batch.Add(
            """
            SELECT a.owner, (SELECT count(*) FROM document d WHERE d.owner = a.owner),
                (SELECT coalesce(sum(size), 0)::bigint FROM document d WHERE d.owner = a.owner),
                (SELECT count(*) FROM group_uri g WHERE g.owner = a.owner)
            FROM (SELECT DISTINCT owner FROM unnest($1) AS o (owner)) a
            """,
            (object)owners);
        using var reader = batch.ExecuteReader();
        var ledger = new PostgresDocumentLedger();
        reader.Rows(_ => true);
        foreach (var (selector, etag, size) in reader.Rows(row => (Selector(row), row.GetString(3), row.GetInt64(4))))
            ledger.PutDocument(selector, etag, size);
        foreach (var (selector, uri) in reader.Rows(row => (Selector(row), row.Text(3))))
            ledger.PutGroup(uri, selector);
        foreach (var (owner, documents, bytes, groups) in reader.Rows(
            row => (row.Text(0), (int)row.GetInt64(1), row.GetInt64(2), (int)row.GetInt64(3))))
            ledger.PutUsage(owner, documents, bytes, groups);
        return ledger;
    }

    public static void AddTo(NpgsqlBatch batch, PostgresDocumentLedger ledger, string origin)
    {
        if (ledger.Changes.Count == 0)
            return;

        var (owners, auids, paths) = Columns([.. ledger.Written.Keys]);
        batch.Add(
            "DELETE FROM group_uri g USING unnest($1, $2, $3) AS a (owner, auid, path) "
            + "WHERE g.owner = a.owner AND g.auid = a.auid AND g.path = a.path", owners, auids, paths);
        AddDeleted(batch, [.. ledger.Written.Where(each => each.Value is null).Select(each => each.Key)]);
        AddWritten(batch, [.. ledger.Written.Values.OfType<DocumentWrite>()]);
        foreach (var (document, groups) in ledger.Changes)
            AddChange(batch, document, groups, origin);
        batch.Add(
            $"DELETE FROM change WHERE number <= (SELECT max(number) FROM change) - {ChangesKept}");
        // The change itself is in the table; whoever misses this looks there.
        batch.Add("SELECT pg_notify(current_schema() || '_documents', '')");
    }

    public static DocumentSelector Selector(NpgsqlDataReader reader)
    {
        var owner = reader.Text(0);
        return new(reader.Text(1), owner.Length == 0 ? null : owner, reader.Text(2));
    }

    private static void AddDeleted(NpgsqlBatch batch, DocumentSelector[] deleted)
    {
        if (deleted.Length == 0)
            return;

        var (owners, auids, paths) = Columns(deleted);
        batch.Add(
            "DELETE FROM document d USING unnest($1, $2, $3) AS a (owner, auid, path) "
            + "WHERE d.owner = a.owner AND d.auid = a.auid AND d.path = a.path", owners, auids, paths);
    }

    private static void AddWritten(NpgsqlBatch batch, DocumentWrite[] written)
    {
        if (written.Length == 0)
            return;

        var (owners, auids, paths) = Columns([.. written.Select(write => write.Selector)]);
        batch.Add(
            """
            INSERT INTO document (owner, auid, path, etag, modified, size, body)
            SELECT owner, auid, path, etag, modified, length(body), body
            FROM unnest($1, $2, $3, $4, $5, $6) AS a (owner, auid, path, etag, modified, body)
            ON CONFLICT (owner, auid, path) DO UPDATE SET
                etag = excluded.etag, modified = excluded.modified, size = excluded.size, body = excluded.body
            """,
            owners, auids, paths, written.Select(write => write.ETag).ToArray(),
            written.Select(write => write.Modified.ToUnixTimeMilliseconds()).ToArray(),
            written.Select(write => write.Content!.Value.ToArray()).ToArray());
        var groups = written.SelectMany(write => write.Groups, (write, uri) => (write.Selector, uri)).ToList();
        if (groups.Count == 0)
            return;

        (owners, auids, paths) = Columns([.. groups.Select(group => group.Selector)]);
        batch.Add(
            "INSERT INTO group_uri (uri, owner, auid, path) SELECT * FROM unnest($1, $2, $3, $4)",
            groups.Select(group => Bytes(group.uri)).ToArray(), owners, auids, paths);
    }

    private static void AddChange(
        NpgsqlBatch batch, DocumentSelector document, IReadOnlyList<string> groups, string origin) =>
        batch.Add(
            "INSERT INTO change (origin, owner, auid, path, groups) VALUES ($1, $2, $3, $4, $5)",
            origin, Bytes(document.User ?? ""), Bytes(document.Auid), Bytes(document.Path),
            groups.Select(Bytes).ToArray());

    private static (byte[][] Owners, byte[][] Auids, byte[][] Paths) Columns(DocumentSelector[] selectors) =>
    (
        [.. selectors.Select(each => Bytes(each.User ?? ""))], [.. selectors.Select(each => Bytes(each.Auid))],
        [.. selectors.Select(each => Bytes(each.Path))]);
}
