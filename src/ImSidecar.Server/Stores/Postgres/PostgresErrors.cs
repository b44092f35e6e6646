using System.Net.Sockets;
using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>What an error of PostgreSQL, or of the way to it, says about the store.</summary>
internal static class PostgresErrors
{
    // Connection, resources, operator's intervention, disk; rights; read only; waited too long; frozen too long within a
    // transaction; tables that are gone.
    private static readonly string[] _ofTheStore =
    [
        "08", "53", "57", "58", "XX001", "XX002", "28", "42501", "25006", "55P03", "25P03", "3D", "3F",
        "42P01",
    ];

    // Nobody but the operator can mend these.
    private static readonly string[] _ofTheConfiguration = ["28", "3D", "42501"];

    /// <summary>Every statement would fail. Else the statement is to blame.</summary>
    public static bool IsOfTheStore(Exception error) => error switch
    {
        PostgresException postgres => Begins(postgres, _ofTheStore),
        NpgsqlException or SocketException or IOException or TimeoutException or ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>It will not go away by waiting: wrong user, password or database, no right to make tables.</summary>
    public static bool IsOfTheConfiguration(Exception error) =>
        error is PostgresException postgres && Begins(postgres, _ofTheConfiguration);

    /// <summary>The connection is gone; another one may do it. Not when the server took too long.</summary>
    public static bool IsOfTheConnection(Exception error) => error switch
    {
        PostgresException postgres => postgres.SqlState.StartsWith("57P", StringComparison.Ordinal)
            || postgres.SqlState == "25P03",
        NpgsqlException npgsql => npgsql.InnerException is not TimeoutException,
        SocketException or IOException => true,
        _ => false,
    };

    /// <summary>Two nodes were in each other's way, or one was first with the same key: done again, it sees that.</summary>
    public static bool IsOfAnotherNode(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
        || (error.SqlState == PostgresErrorCodes.UniqueViolation && error.ConstraintName == "head_pkey");

    public static StoreUnavailableException Unavailable(Exception error) => new(Text(error), error)
    {
        LacksRoom = error is PostgresException { SqlState: PostgresErrorCodes.DiskFull },
    };

    // Never its detail, which may hold values.
    private static string Text(Exception error) => error switch
    {
        PostgresException postgres => $"{postgres.MessageText} ({postgres.SqlState})",
        NpgsqlException { InnerException: { } inner } npgsql => $"{npgsql.Message}: {inner.Message}",
        _ => error.Message,
    };

    private static bool Begins(PostgresException error, string[] states) =>
        states.Any(state => error.SqlState.StartsWith(state, StringComparison.Ordinal));
}
