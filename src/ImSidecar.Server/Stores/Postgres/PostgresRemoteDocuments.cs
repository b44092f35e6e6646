using ImSidecar.Protocol.Xdm;
using static ImSidecar.Server.Stores.Postgres.PostgresCommands;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>The documents of a remote XDMS, as any of the nodes read them last.</summary>
internal sealed class PostgresRemoteDocuments(PostgresDatabase database, GroupCommit commit) : IRemoteDocumentStore
{
    public async ValueTask<RememberedDocument?> ReadAsync(
        string root, DocumentSelector selector, CancellationToken cancellation)
    {
        var found = await database.ReadAsync(
            "SELECT tag, confirmed, body FROM remote_document WHERE root = $1 AND owner = $2 AND auid = $3 AND path = $4",
            reader => new RememberedDocument(
                reader.IsDBNull(0) ? null : reader.GetString(0),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), reader.GetFieldValue<byte[]>(2)),
            cancellation, Bytes(root), Bytes(selector.User ?? ""), Bytes(selector.Auid), Bytes(selector.Path));
        return found.Count == 0 ? null : found[0];
    }

    public async ValueTask WriteAsync(
        string root, IReadOnlyList<RememberedChange> changes, CancellationToken cancellation) =>
        await commit.SaveAsync(new RemoteDocumentSave { Root = root, Changes = changes }, cancellation);

    public async ValueTask PruneAsync(DateTimeOffset before, int most, CancellationToken cancellation) =>
        await commit.SaveAsync(new RemoteDocumentSave { ForgetBefore = before, Most = most }, cancellation);
}
