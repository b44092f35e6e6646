using System.Diagnostics;
using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>
/// The line by which a node says that it lives and hears of changes. It waits on the thread that asks: whatever the
/// thread pool has to do, a node that works is heard.
/// </summary>
internal sealed class Heartbeat(NodeIdentity identity, ClusterOptions options, Func<NpgsqlConnection> open)
{
    // Milliseconds: it does not wait long for a row that somebody has who stands still.
    private const string Prepare = $"LISTEN {NodeTables.Channel}; SET lock_timeout = 1000";

    private static readonly TimeSpan _slice = TimeSpan.FromMilliseconds(25);

    private readonly ClusterLine _line = new(() => Open(identity, open), options);
    private volatile bool _isWoken;

    public T Ask<T>(Func<NodeTables, T> ask) => ask(_line.Tables);

    public T AskConnection<T>(Func<NpgsqlConnection, T> ask) => ask(_line.Connection);

    /// <summary>Until it is time, somebody wakes it or another node has told of a change.</summary>
    public void Rest(CancellationToken cancellation)
    {
        var since = Stopwatch.GetTimestamp();
        while (!_isWoken && !cancellation.IsCancellationRequested
            && Stopwatch.GetElapsedTime(since) < options.Heartbeat && !_line.Connection.Wait(_slice))
        {
        }

        _isWoken = false;
    }

    public void Wake() => _isWoken = true;

    public void Close() => _line.Close();

    private static NpgsqlConnection Open(NodeIdentity identity, Func<NpgsqlConnection> open)
    {
        var connection = open();
        try
        {
            using var command = new NpgsqlCommand(Prepare, connection);
            command.ExecuteNonQuery();
            identity.TryLock(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
