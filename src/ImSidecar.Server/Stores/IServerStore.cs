using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Stores;

/// <summary>The store of conferences and documents: a file of SQLite, or a schema in PostgreSQL.</summary>
internal interface IServerStore : IAsyncDisposable
{
    IAggregateStore Aggregates { get; }

    IDocumentStore Documents { get; }

    IRemoteDocumentStore RemoteDocuments { get; }

    NodeSecret NodeSecret { get; }

    IBootMemory BootMemory { get; }

    /// <summary>"sqlite" or "postgresql".</summary>
    string Kind { get; }

    /// <summary>The file, or server, database and schema.</summary>
    string Place { get; }

    /// <summary>The place and what it is, for the log.</summary>
    string Description { get; }

    int SavesWaiting { get; }
}
