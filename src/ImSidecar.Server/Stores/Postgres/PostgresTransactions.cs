using System.Data;
using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// One transaction after the other on a connection of its own, made anew when it is lost. Used by one thread.
/// </summary>
internal sealed class PostgresTransactions(PostgresDatabase database) : IDisposable
{
    private const int Attempts = 5;

    private NpgsqlConnection? _connection;
    private bool _isCommitting;

    /// <summary>Throws <see cref="StoreUnavailableException"/> when it cannot be reached.</summary>
    public void Connect() => Guard(() => Open());

    /// <summary>
    /// Commits all of the work, or throws having committed nothing; it is done again when another node was in its way.
    /// </summary>
    public void Run(Action<NpgsqlConnection> work) => Guard(() =>
    {
        // A connection may have died while nobody wrote. Before the commit nothing of the work is in the database.
        var mayReconnect = _connection is not null;
        for (var attempt = 1; ; attempt++)
        {
            _isCommitting = false;
            try
            {
                RunOnce(work);
                return;
            }
            catch (Exception error) when (mayReconnect && !_isCommitting && PostgresErrors.IsOfTheConnection(error))
            {
                mayReconnect = false;
                Drop();
            }
            catch (PostgresException error) when (attempt < Attempts && PostgresErrors.IsOfAnotherNode(error))
            {
            }
        }
    });

    public void Probe() => Guard(() =>
    {
        // A read-only server answers all but this.
        Open();
        using var command = new NpgsqlCommand(
            "INSERT INTO probe VALUES (1, now()) ON CONFLICT (one) DO UPDATE SET at = excluded.at", _connection);
        command.ExecuteNonQuery();
    });

    public void Dispose() => Drop();

    private void RunOnce(Action<NpgsqlConnection> work)
    {
        var connection = Open();
        using var transaction = connection.BeginTransaction(IsolationLevel.ReadCommitted);
        work(connection);
        _isCommitting = true;
        transaction.Commit();
    }

    private NpgsqlConnection Open()
    {
        if (_connection is { State: ConnectionState.Open })
            return _connection;

        Drop();
        return _connection = database.OpenWriter();
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
        _connection?.Dispose();
        _connection = null;
    }
}
