using System.Data;
using Npgsql;

namespace ImSidecar.Server.Stores.Deferred.Postgres;

/// <summary>
/// Writes a batch of deferred messages and removals in one transaction and a few statements, each for all of them. The
/// row of the totals is locked first: what several nodes write comes one batch after the other.
/// </summary>
internal sealed class PostgresDeferredWriter(PostgresDatabase database) : IStoreWriter, IDisposable
{
    private NpgsqlConnection? _connection;
    private PostgresStatements? _statements;
    private bool _isCommitting;

    /// <summary>Throws <see cref="StoreUnavailableException"/> when it cannot be reached.</summary>
    public void Connect() => Guard(() => Open());

    public void Write(IReadOnlyList<StoreWrite> batch) => Guard(() =>
    {
        // A connection may have died while nobody wrote. Before the commit nothing of the batch is in the database.
        var mayRepeat = _connection is not null;
        _isCommitting = false;
        try
        {
            WriteOnce(batch);
        }
        catch (Exception error) when (mayRepeat && !_isCommitting && PostgresErrors.IsOfTheConnection(error))
        {
            Drop();
            WriteOnce(batch);
        }
    });

    public void Tidy(bool hasTime)
    {
        // Its autovacuum does it.
    }

    public void Probe() => Guard(() =>
    {
        // A read-only server answers all but this.
        Open();
        using var command = new NpgsqlCommand(
            "INSERT INTO probe VALUES (1, now()) ON CONFLICT (one) DO UPDATE SET at = excluded.at", _connection);
        command.ExecuteNonQuery();
    });

    public void Dispose() => Drop();

    private void WriteOnce(IReadOnlyList<StoreWrite> batch)
    {
        var statements = Open();
        using var transaction = _connection!.BeginTransaction(IsolationLevel.ReadCommitted);
        new PostgresBatch(batch).Write(statements);
        _isCommitting = true;
        transaction.Commit();
    }

    private PostgresStatements Open()
    {
        if (_connection is { State: ConnectionState.Open } && _statements is { } ready)
            return ready;

        Drop();
        _connection = database.OpenWriter();
        return _statements = new(_connection);
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (error is StoreUnavailableException || PostgresErrors.IsOfTheStore(error))
        {
            Drop();
            database.ForgetConnections();
            throw error as StoreUnavailableException ?? PostgresErrors.Unavailable(error);
        }
    }

    private void Drop()
    {
        _statements?.Dispose();
        _connection?.Dispose();
        _statements = null;
        _connection = null;
    }
}
