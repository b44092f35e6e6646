using ImSidecar.Server.Stores.Postgres;
using Npgsql;

namespace ImSidecar.Server.Stores.Deferred.Postgres;

/// <summary>
/// Writes a batch of deferred messages and removals in one transaction and a few statements, each for all of them. The
/// row of the totals is locked first: what several nodes write comes one batch after the other.
/// </summary>
internal sealed class PostgresDeferredWriter(PostgresDatabase database) : IStoreWriter, IDisposable
{
    private readonly PostgresTransactions _transactions = new(database);
    private PostgresDeferredStatements? _statements;
    private NpgsqlConnection? _prepared;

    /// <summary>Throws <see cref="StoreUnavailableException"/> when it cannot be reached.</summary>
    public void Connect() => _transactions.Connect();

    public void Write(IReadOnlyList<StoreWrite> batch) => _transactions.Run(connection =>
        new PostgresDeferredBatch(batch).Write(StatementsOf(connection)));

    public void Tidy(bool hasTime)
    {
        // Its autovacuum does it.
    }

    public void Probe() => _transactions.Probe();

    public void Dispose()
    {
        _statements?.Dispose();
        _transactions.Dispose();
    }

    private PostgresDeferredStatements StatementsOf(NpgsqlConnection connection)
    {
        if (_statements is { } ready && ReferenceEquals(_prepared, connection))
            return ready;

        _statements?.Dispose();
        _statements = null;
        _statements = new(connection);
        _prepared = connection;
        return _statements;
    }
}
