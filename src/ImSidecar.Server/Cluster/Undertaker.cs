using ImSidecar.Server.Stores.Postgres;
using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>Declares a node dead; what it has begun to save and does not end is ended first.</summary>
internal sealed class Undertaker(Func<NpgsqlConnection> open, ClusterOptions options)
{
    // A save that is going on has its row locked for as long as a commit takes.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(0.5);

    /// <summary>False: it lives, or somebody was faster.</summary>
    public bool DeclareDead(string name, long epoch, NodeRow dead)
    {
        using var connection = open();
        // The timer's thread must not meet a connection that is closed by now.
        var waiting = connection.ProcessID;
        using var late = new Timer(_ => EndBlockers(waiting), null, _patience, _patience);
        return new NodeTables(connection, options.PatienceSeconds * 5).DeclareDead(name, epoch, dead);
    }

    // Only those that wait for their client: the others end by themselves.
    private void EndBlockers(int waiting)
    {
        try
        {
            using var connection = open();
            using var command = new NpgsqlCommand(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE pid = ANY (pg_blocking_pids($1)) AND state LIKE 'idle in transaction%'
                """,
                connection);
            command.Parameters.Add(new() { Value = waiting });
            command.ExecuteNonQuery();
        }
        catch (Exception error) when (error is InvalidOperationException || PostgresErrors.IsOfTheStore(error))
        {
            // Then who waits finds the same.
        }
    }
}
