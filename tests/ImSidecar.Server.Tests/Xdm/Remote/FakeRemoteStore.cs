using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>A store in memory that fails when it is told to.</summary>
internal sealed class FakeRemoteStore : IRemoteDocumentStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DocumentSelector, RememberedDocument> _documents = [];

    public bool Fails { get; set; }

    public int Writes { get; private set; }

    public RememberedDocument? this[DocumentSelector selector]
    {
        get
        {
            lock (_gate)
                return _documents.GetValueOrDefault(selector);
        }
    }

    public ValueTask<RememberedDocument?> ReadAsync(
        string root, DocumentSelector selector, CancellationToken cancellation) =>
        Fails ? throw new StoreUnavailableException("The disk is broken") : new(this[selector]);

    public ValueTask WriteAsync(string root, IReadOnlyList<RememberedChange> changes, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (Fails)
                throw new StoreUnavailableException("The disk is broken");

            Writes++;
            foreach (var change in changes)
            {
                if (change.Document is { } document)
                    _documents[change.Selector] = document;
                else if (change.ConfirmedAt is { } at)
                    _documents[change.Selector] = _documents[change.Selector] with { ConfirmedAt = at };
                else
                    _documents.Remove(change.Selector);
            }

            return ValueTask.CompletedTask;
        }
    }

    public ValueTask PruneAsync(DateTimeOffset before, int most, CancellationToken cancellation) =>
        ValueTask.CompletedTask;
}
