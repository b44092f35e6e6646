using Npgsql;

namespace ImSidecar.Server.Stores.Deferred.Postgres;

/// <summary>
/// The tables of deferred messages in a PostgreSQL schema of ours, and how those of an earlier release get there: step
/// n takes version n to n + 1.
/// </summary>
internal sealed class PostgresSchema(string name)
{
    // Taken by whoever looks after the tables, of all nodes on one database.
    private const long AdvisoryLock = 0x494D5344;

    // What is said of the tables in SQLite's schema holds here too. Contents are not compressed: who has them encrypted
    // could not gain by it, and who writes has no time for it.
    private static readonly string[] _steps =
    [
        """
        CREATE TABLE total (
            one integer PRIMARY KEY CHECK (one = 1),
            messages bigint NOT NULL,
            bytes bigint NOT NULL
        );

        INSERT INTO total VALUES (1, 0, 0);

        CREATE TABLE probe (one integer PRIMARY KEY, at timestamptz NOT NULL);

        CREATE TABLE box (
            owner bytea PRIMARY KEY,
            messages bigint NOT NULL,
            bytes bigint NOT NULL,
            last bigint NOT NULL,
            waits boolean NOT NULL
        ) WITH (fillfactor = 80);

        CREATE INDEX box_waiting ON box (owner) WHERE waits;

        CREATE TABLE message (
            owner bytea NOT NULL,
            number bigint NOT NULL,
            digest bytea NOT NULL,
            received bigint NOT NULL,
            expires bigint NOT NULL,
            anonymous boolean NOT NULL,
            tells integer NOT NULL,
            sip_size bigint NOT NULL,
            size bigint NOT NULL,
            key bytea NOT NULL,
            sender text NOT NULL,
            recipient text NOT NULL,
            notices bytea,
            key_id text,
            subject bytea NOT NULL,
            content bytea NOT NULL,
            PRIMARY KEY (owner, number)
        );

        ALTER TABLE message ALTER COLUMN content SET STORAGE EXTERNAL;
        CREATE UNIQUE INDEX message_digest ON message (owner, digest);
        CREATE INDEX message_expires ON message (expires);

        CREATE TABLE past (
            owner bytea NOT NULL,
            digest bytea NOT NULL,
            until bigint NOT NULL,
            PRIMARY KEY (owner, digest)
        );

        CREATE INDEX past_until ON past (until);

        CREATE TABLE notice (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            ending integer NOT NULL,
            at bigint NOT NULL,
            sender text NOT NULL,
            recipient text NOT NULL,
            asked bytea NOT NULL
        );
        """,
    ];

    /// <summary>Throws on tables of a newer release; writes nothing when all is as it should be.</summary>
    public void Migrate(NpgsqlConnection connection)
    {
        if (Version(connection) == _steps.Length)
            return;

        using var transaction = connection.BeginTransaction();
        Run(connection, $"SELECT pg_advisory_xact_lock({AdvisoryLock})");
        var version = Version(connection);
        if (version == null)
        {
            if (Scalar(connection, $"SELECT 1 FROM pg_namespace WHERE nspname = '{name}'") is null)
                Run(connection, $"CREATE SCHEMA {name}");
            Run(connection, "CREATE TABLE version (one integer PRIMARY KEY CHECK (one = 1), version integer NOT NULL)");
            Run(connection, "INSERT INTO version VALUES (1, 0)");
        }

        foreach (var step in _steps[(version ?? 0)..])
            Run(connection, step);
        Run(connection, $"UPDATE version SET version = {_steps.Length}");
        transaction.Commit();
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
        return version <= _steps.Length
            ? version
            : throw new StoreUnavailableException(
                $"it was written by a newer release (schema {version}, this release knows up to {_steps.Length})");
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
