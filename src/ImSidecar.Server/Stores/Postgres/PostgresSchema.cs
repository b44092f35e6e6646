using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// The tables in a PostgreSQL schema of ours, and how those of an earlier release get there: step
/// n takes version n to n + 1.
/// </summary>
internal sealed class PostgresSchema(string name)
{
    private static readonly IReadOnlyList<string> _steps = PostgresSteps.All;

    // Taken by whoever looks after the tables, of all nodes on one database.
    private const long AdvisoryLock = 0x494D5344;

    // While others are upgraded first: what a step adds does not concern who has begun without it.
    private volatile bool _isInUse;

    /// <summary>
    /// Throws on tables of a newer release, unless they were this one's when it began; writes nothing when all is as it
    /// should be.
    /// </summary>
    public void Migrate(NpgsqlConnection connection)
    {
        if (Version(connection) >= _steps.Count)
        {
            _isInUse = true;
            return;
        }

        using var transaction = connection.BeginTransaction();
        // Nobody else can do anything meanwhile: it may take its time.
        Run(connection, "SET LOCAL idle_in_transaction_session_timeout = 0");
        Run(connection, $"SELECT pg_advisory_xact_lock({AdvisoryLock})");
        var version = Version(connection);
        if (version == null)
        {
            if (Scalar(connection, $"SELECT 1 FROM pg_namespace WHERE nspname = '{name}'") is null)
                Run(connection, $"CREATE SCHEMA {name}");
            Run(connection, "CREATE TABLE version (one integer PRIMARY KEY CHECK (one = 1), version integer NOT NULL)");
            Run(connection, "INSERT INTO version VALUES (1, 0)");
        }

        foreach (var step in _steps.Skip(version ?? 0))
            Run(connection, step);
        Run(connection, $"UPDATE version SET version = {_steps.Count}");
        transaction.Commit();
        _isInUse = true;
    }

    // Null: there are no tables.
    private int? Version(NpgsqlConnection connection)
    {
        // Asked of the tables of PostgreSQL: its functions remember that there was none before another node made it.
        if (Scalar(
            connection,
            "SELECT 1 FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            + $"WHERE relname = 'version' AND nspname = '{name}'") is null)
            return null;

        var version = (int?)Scalar(connection, $"SELECT version FROM {name}.version") ?? 0;
        return version <= _steps.Count || _isInUse
            ? version
            : throw new StoreUnavailableException(
                $"it was written by a newer release (schema {version}, this release knows up to {_steps.Count})")
            {
                IsOfAnother = true,
            };
    }

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static object? Scalar(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }
}
