using ImSidecar.Server.Stores.Postgres;
using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>Declares a node dead; what it has begun to save and does not end is ended first.</summary>
internal sealed class Undertaker(Func<CancellationToken, ValueTask<NpgsqlConnection>> open)
{
    // A save that is going on has its row locked for as long as a commit takes.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(0.5);

    /// <summary>False: it lives, or somebody was faster.</summary>
    public async Task<bool> DeclareDeadAsync(string name, long epoch, NodeRow dead)
    {
        await using var connection = await open(CancellationToken.None);
        var declared = new NodeTables(connection).DeclareDeadAsync(name, epoch, dead, CancellationToken.None);
        while (await Task.WhenAny(declared, Task.Delay(_patience)) != declared)
            await EndBlockersAsync(connection.ProcessID);
        return await declared;
    }

    // Only those that wait for their client: the others end by themselves.
    private async Task EndBlockersAsync(int waiting)
    {
        try
        {
            await using var connection = await open(CancellationToken.None);
            await using var command = new NpgsqlCommand(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE pid = ANY (pg_blocking_pids($1)) AND state LIKE 'idle in transaction%'
                """,
                connection);
            command.Parameters.Add(new() { Value = waiting });
            await command.ExecuteNonQueryAsync();
        }
        catch (Exception error) when (PostgresErrors.IsOfTheStore(error))
        {
            // Then who waits finds the same.
        }
    }
}
