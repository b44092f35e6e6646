using ImSidecar.Server.Stores.Postgres;

namespace ImSidecar.Server.Stores.Deferred.Postgres;

/// <summary>
/// Writes a batch of deferred messages and removals in one transaction and three round trips. The row of the totals is
/// locked first: what several nodes write comes one batch after the other.
/// </summary>
internal sealed class PostgresDeferredWriter(PostgresDatabase database) : IStoreWriter, IDisposable
{
    private readonly PostgresTransactions _transactions = new(database);

    /// <summary>Throws <see cref="StoreUnavailableException"/> when it cannot be reached.</summary>
    public void Connect() => _transactions.Connect();

    public void Write(IReadOnlyList<StoreWrite> batch) => _transactions.Run(connection =>
        new PostgresDeferredBatch(batch).Write(connection));

    public void Tidy(bool hasTime)
    {
        // Its autovacuum does it.
    }

    public void Probe() => _transactions.Probe();

    public void Dispose() => _transactions.Dispose();
}
