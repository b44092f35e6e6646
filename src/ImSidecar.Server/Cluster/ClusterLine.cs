using System.Data;
using ImSidecar.Server.Stores.Postgres;
using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>A connection to the database that is made anew when it was lost; of one thread at a time.</summary>
internal sealed class ClusterLine(Func<NpgsqlConnection> open, ClusterOptions options)
{
    private NpgsqlConnection? _connection;

    public NpgsqlConnection Connection
    {
        get
        {
            if (_connection is { State: ConnectionState.Open } there)
                return there;

            Close();
            return _connection = open();
        }
    }

    /// <summary>Whatever takes longer comes too late.</summary>
    public NodeTables Tables => new(Connection, options.PatienceSeconds);

    /// <summary>What went wrong with it may go on in it.</summary>
    public void Close()
    {
        if (_connection is not { } lost)
            return;

        _connection = null;
        try
        {
            lost.Dispose();
        }
        catch (Exception error) when (PostgresErrors.IsOfTheStore(error))
        {
            // It was broken already.
        }
    }
}
