using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>Where our tables are in PostgreSQL, and how to get there.</summary>
internal sealed record PostgresPlace(NpgsqlConnectionStringBuilder Server, string Schema, string PasswordFile)
{
    /// <summary>Of the conferences; null: they are in an SQLite file.</summary>
    public static PostgresPlace? Of(StoreOptions options)
    {
        if (options.Connection.Length == 0)
            return null;

        // Looked at by the validator.
        return StoreConnection.TryParse(options.Connection, "/", out var connection, out var error)
            && connection.Server is { } server
                ? new(server, options.Schema, options.PasswordFile)
                : throw new StoreUnavailableException($"Store:Connection {error}");
    }
}
