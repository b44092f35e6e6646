using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>The database of the store, by connections of its own: a heartbeat waits for no save.</summary>
internal sealed class ClusterDatabase : IAsyncDisposable
{
    private readonly PostgresDatabase _database;

    /// <summary>Behind the store, which makes the tables.</summary>
    public ClusterDatabase(IServerStore store, IOptions<StoreOptions> options, ILogger<ClusterDatabase> logger)
    {
        ArgumentNullException.ThrowIfNull(store);
        _database = new(PostgresPlace.Of(options.Value)!, logger);
    }

    public NpgsqlConnection Open() => _database.Open();

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
