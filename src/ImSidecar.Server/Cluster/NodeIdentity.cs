using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>What the others know this node by.</summary>
internal sealed record NodeIdentity(string Name, string Gateway, string Release)
{
    /// <summary>
    /// Throws when another process lives by the same name. A connection that died with its process says so at once;
    /// else only the heartbeat can.
    /// </summary>
    public void EnsureFree(Heartbeat line, ClusterOptions options, long? ownEpoch)
    {
        if (line.AskConnection(TryLock))
            return;

        // As long as it may think that it lives.
        var first = line.AskConnection(Beat);
        var waits = options.StopsAfter / options.Heartbeat * 2;
        for (var i = 0; i <= waits && first is { } seen && seen.Epoch != ownEpoch; i++)
        {
            Thread.Sleep(options.Heartbeat / 2);
            if (line.AskConnection(Beat) is not { } now)
                return;

            if (now != seen)
                throw new NodeNameTakenException(
                    $"Gateway:Node \"{Name}\" is the name of another node, whose gateway is {now.Gateway}: each node of"
                    + " a database and schema needs a name of its own");
        }
    }

    /// <summary>It is of the session, so it ends with the process: who has it need not wait for a heartbeat.</summary>
    public bool TryLock(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            "SELECT pg_try_advisory_lock(hashtextextended(current_schema() || ' node ' || $1, 0))", connection);
        command.Parameters.Add(new() { Value = Name });
        return command.ExecuteScalar() is true;
    }

    // Null: nobody has that name, or who had it is gone.
    private (long Epoch, long Beat, string Gateway)? Beat(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            "SELECT epoch, beat, gateway FROM node WHERE name = $1 AND state <> 'gone'", connection);
        command.Parameters.Add(new() { Value = Name });
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? (reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2)) : null;
    }
}

/// <summary>Two processes have one name; the operator has to give one of them another.</summary>
internal sealed class NodeNameTakenException(string message) : Exception(message);
