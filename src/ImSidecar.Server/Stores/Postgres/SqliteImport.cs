using ImSidecar.Server.Stores.Deferred.Sqlite;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// Copies the SQLite files of a sidecar that is stopped into a schema of PostgreSQL that holds nothing yet: all of it or
/// nothing. The files stay as they are.
/// </summary>
internal static class SqliteImport
{
    // Who starts on the schema meanwhile waits, and finds what was copied.
    private const string Lock =
        "SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE meta, head, document, remote_document, box IN EXCLUSIVE MODE";

    private const string Totals =
        "UPDATE total SET (messages, bytes) = "
        + "(SELECT coalesce(sum(messages), 0), coalesce(sum(bytes), 0) FROM box)";

    private const string IsEmpty =
        "SELECT NOT EXISTS (SELECT FROM meta) AND NOT EXISTS (SELECT FROM head) AND NOT EXISTS (SELECT FROM document) "
        + "AND NOT EXISTS (SELECT FROM remote_document) AND NOT EXISTS (SELECT FROM box)";

    /// <summary>How many rows came into each table.</summary>
    /// <param name="deferred">The file of the deferred messages; null: they are not copied.</param>
    public static async Task<IReadOnlyList<(string Table, long Rows)>> RunAsync(
        string file, string? deferred, PostgresPlace place, CancellationToken cancellation)
    {
        foreach (var each in new[] { file, deferred }.OfType<string>())
        {
            if (!File.Exists(each))
                throw new StoreUnavailableException($"there is no file {each}");
        }

        using var from = SqliteDatabase.Open(file);
        using var messages = deferred is null ? null : SqliteDatabase.Open(deferred, SqliteDeferredSchema.Format);
        await using var database = new PostgresDatabase(place, NullLogger.Instance);
        try
        {
            await using var connection = database.OpenWriter();
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await RunAsync(connection, Lock, cancellation);
            await using (var command = new NpgsqlCommand(IsEmpty, connection))
            {
                if (await command.ExecuteScalarAsync(cancellation) is not true)
                    throw new StoreUnavailableException($"{database.Description} is not empty") { IsOfAnother = true };
            }

            List<(string, long)> copied = [];
            foreach (var table in ImportedTable.All)
                copied.Add((table.Name, await table.CopyAsync(from, connection, cancellation)));
            if (messages is not null)
            {
                foreach (var table in ImportedTable.Deferred)
                    copied.Add((table.Name, await table.CopyAsync(messages, connection, cancellation)));
                await RunAsync(connection, Totals, cancellation);
                // Which counts on behind those that were copied.
                await RunAsync(
                    connection,
                    "SELECT setval(pg_get_serial_sequence('notice', 'number'), coalesce(max(number), 0) + 1, false) "
                    + "FROM notice", cancellation);
            }

            await transaction.CommitAsync(cancellation);
            return copied;
        }
        catch (Exception error) when (PostgresErrors.IsOfTheStore(error))
        {
            throw PostgresErrors.Unavailable(error);
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
