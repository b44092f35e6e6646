using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// Writes a batch of aggregates in one transaction and three round trips: what is there is locked, what follows from it
/// is written, all is committed.
/// </summary>
internal sealed class PostgresWriter(PostgresDatabase database, Fence? fence) : IStoreWriter, IDisposable
{
    private readonly PostgresTransactions _transactions = new(database);

    /// <summary>Throws <see cref="StoreUnavailableException"/> when it cannot be reached.</summary>
    public void Connect() => _transactions.Connect();

    /// <summary>Throws <see cref="StaleEpochException"/> for all of them when the node was declared dead.</summary>
    public void Write(IReadOnlyList<StoreWrite> batch)
    {
        var saves = batch.Cast<ConferenceSave>().ToList();
        _transactions.Run(connection => Write(connection, saves));
    }

    public void Tidy(bool hasTime)
    {
        // Its autovacuum does it.
    }

    public void Probe() => _transactions.Probe();

    public void Dispose() => _transactions.Dispose();

    // What waited here for longer than its epoch lasted was decided on what may be another node's by now.
    private void Write(NpgsqlConnection connection, List<ConferenceSave> saves)
    {
        var key = fence?.Current;
        var drafts = Lock(connection, saves, key);
        foreach (var save in saves)
            save.IsSaved = save.Key == key && drafts[save.Id].TryApply(save);
        using var batch = new NpgsqlBatch(connection);
        PostgresDraftRows.AddTo(batch, [.. drafts.Values]);
        if (batch.BatchCommands.Count > 0)
            batch.ExecuteNonQuery();
    }

    // In order of their ids: two nodes that want the same wait for each other once.
    private static Dictionary<AggregateId, PostgresDraft> Lock(
        NpgsqlConnection connection, List<ConferenceSave> saves, FenceKey? key)
    {
        string[] ids = [.. saves.Select(save => save.Id.Value).Distinct()];
        using var batch = new NpgsqlBatch(connection);
        if (key is not null)
            batch.Add("SELECT 1 FROM node_epoch WHERE name = $1 AND epoch = $2 FOR SHARE", key.Node, key.Epoch);
        batch.Add("SELECT id, revision FROM head WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE", (object)ids);
        using var reader = batch.ExecuteReader();
        if (key is not null && reader.Rows(_ => true).Count == 0)
            throw new StaleEpochException(key);

        var drafts = reader.Rows(row => new PostgresDraft(new(row.GetString(0)), row.GetInt64(1)))
            .ToDictionary(draft => draft.Id);
        foreach (var id in ids.Select(id => new AggregateId(id)))
            drafts.TryAdd(id, new(id, storedRevision: 0));
        return drafts;
    }
}
