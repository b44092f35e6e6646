using ImSidecar.Protocol.Xdm;
using Npgsql;
using static ImSidecar.Server.Stores.Postgres.PostgresCommands;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>The documents of the embedded XDMS, which all nodes share.</summary>
internal sealed class PostgresDocumentStore(PostgresDatabase database, GroupCommit commit) : IDocumentStore
{
    private const string Columns = "owner, auid, path, etag, modified, size";

    public event Action<IReadOnlyList<DocumentSelector>?>? ChangedElsewhere;

    public ValueTask<StoredDocument?> ReadAsync(DocumentSelector selector, CancellationToken cancellation) =>
        FindAsync(
            $"SELECT {Columns}, body FROM document WHERE owner = $1 AND auid = $2 AND path = $3", cancellation,
            Bytes(selector.User ?? ""), Bytes(selector.Auid), Bytes(selector.Path));

    public ValueTask<StoredDocument?> FindGroupAsync(string addressKey, CancellationToken cancellation) =>
        FindAsync(
            $"SELECT {Columns}, body FROM group_uri JOIN document USING (owner, auid, path) WHERE uri = $1",
            cancellation, Bytes(addressKey));

    public ValueTask<IReadOnlyList<DocumentEntry>> ListAsync(
        string user, string? auid, CancellationToken cancellation) =>
        database.ReadAsync(
            $"SELECT {Columns} FROM document WHERE owner = $1 AND ($2 = ''::bytea OR auid = $2) ORDER BY auid, path",
            Entry, cancellation, Bytes(user), Bytes(auid ?? ""));

    public ValueTask<IReadOnlyList<GroupOfDocument>> ListGroupsAsync(
        string? owner, string after, int most, CancellationToken cancellation) =>
        database.ReadAsync(
            $"""
            SELECT {Columns}, uri FROM group_uri JOIN document USING (owner, auid, path)
            WHERE uri > $1 AND {(owner is null ? "$2 = ''::bytea" : "owner = $2")} ORDER BY uri LIMIT $3
            """,
            reader => new GroupOfDocument(reader.Text(6), Entry(reader)), cancellation, Bytes(after),
            Bytes(owner ?? ""), most);

    public async ValueTask<DocumentOutcome> WriteAsync(DocumentWrite write, CancellationToken cancellation)
    {
        var save = new DocumentSave(write);
        await commit.SaveAsync(save, cancellation);
        return save.Result;
    }

    public void Tell(IReadOnlyList<DocumentSelector>? changed) => ChangedElsewhere?.Invoke(changed);

    private async ValueTask<StoredDocument?> FindAsync(
        string sql, CancellationToken cancellation, params object[] values)
    {
        var found = await database.ReadAsync(
            sql, reader => new StoredDocument(Entry(reader), reader.GetFieldValue<byte[]>(6)), cancellation, values);
        return found.Count == 0 ? null : found[0];
    }

    private static DocumentEntry Entry(NpgsqlDataReader reader)
    {
        var owner = reader.Text(0);
        return new(
            new(reader.Text(1), owner.Length == 0 ? null : owner, reader.Text(2)), reader.GetString(3),
            DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)), reader.GetInt64(5));
    }
}
