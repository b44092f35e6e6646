using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>All of a node in a PostgreSQL schema.</summary>
internal sealed class PostgresStore : IServerStore
{
    private readonly PostgresDatabase _database;
    private readonly PostgresConferenceStore _conferences;
    private readonly PostgresDocumentWriter _documentWriter;
    private readonly GroupCommit _documentCommit;
    private readonly PostgresMeta _meta;
    private readonly PostgresDocumentNews _news;
    private readonly Lazy<Task> _closed;

    private PostgresStore(
        PostgresDatabase database, PostgresConferenceStore conferences, StoreHealth health, PostgresMeta meta,
        ILogger logger)
    {
        _database = database;
        _conferences = conferences;
        _meta = meta;
        _closed = new(CloseAsync);
        _documentWriter = new(database, Origin);
        _documentCommit = new(_documentWriter, health);
        var documents = new PostgresDocumentStore(database, _documentCommit);
        Documents = documents;
        _news = new(database, Origin, documents.Tell, logger);
        RemoteDocuments = new PostgresRemoteDocuments(database, _documentCommit);
    }

    /// <summary>Of this process, in what it writes.</summary>
    public string Origin { get; } = Guid.NewGuid().ToString("N");

    public IAggregateStore Aggregates => _conferences;

    public IDocumentStore Documents { get; }

    public IRemoteDocumentStore RemoteDocuments { get; }

    public NodeSecret NodeSecret => _meta.NodeSecret;

    public IBootMemory BootMemory => _meta;

    public string Kind => "postgresql";

    public string Place => _database.Description;

    public string Description => _database.Description;

    public int SavesWaiting => _conferences.SavesWaiting + _documentCommit.Waiting;

    /// <summary>Throws <see cref="StoreUnavailableException"/> when the server is away or cannot be used.</summary>
    public static PostgresStore Open(PostgresPlace place, StoreHealth health, ILogger logger, Fence? fence = null)
    {
        var database = new PostgresDatabase(place, logger);
        try
        {
            var conferences = new PostgresConferenceStore(database, health, fence);
            var meta = PostgresMeta.OpenAsync(database, CancellationToken.None).GetAwaiter().GetResult();
            var store = new PostgresStore(database, conferences, health, meta, logger);
            store._news.StartAsync().GetAwaiter().GetResult();
            return store;
        }
        catch (StoreUnavailableException error)
        {
            database.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw new StoreUnavailableException(
                $"Store:Connection: cannot use {database.Description}: {error.Message}", error)
            {
                IsOfAnother = error.IsOfAnother,
            };
        }
    }

    /// <summary>Writes what waits; a second call waits for the first.</summary>
    public ValueTask DisposeAsync() => new(_closed.Value);

    private async Task CloseAsync()
    {
        await _news.DisposeAsync();
        await _documentCommit.DisposeAsync();
        await _conferences.DisposeAsync();
        _documentWriter.Dispose();
        await _database.DisposeAsync();
    }
}
