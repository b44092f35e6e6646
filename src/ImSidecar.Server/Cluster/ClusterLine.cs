using System.Data;
using ImSidecar.Server.Stores.Postgres;
using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>A connection to the database that is made anew when it was lost.</summary>
internal sealed class ClusterLine(Func<CancellationToken, ValueTask<NpgsqlConnection>> open) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    public async ValueTask<NpgsqlConnection> GetAsync(CancellationToken cancellation)
    {
        if (_connection is { State: ConnectionState.Open } there)
            return there;

        await CloseAsync();
        return _connection = await open(cancellation);
    }

    /// <summary>What went wrong with it may go on in it.</summary>
    public async ValueTask CloseAsync()
    {
        if (_connection is not { } lost)
            return;

        _connection = null;
        try
        {
            await lost.DisposeAsync();
        }
        catch (Exception error) when (PostgresErrors.IsOfTheStore(error))
        {
            // It was broken already.
        }
    }

    public ValueTask DisposeAsync() => CloseAsync();
}
