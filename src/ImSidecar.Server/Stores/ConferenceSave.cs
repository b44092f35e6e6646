using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;

namespace ImSidecar.Server.Stores;

/// <summary>The changed parts of one conference on their way to the disk.</summary>
internal sealed class ConferenceSave(AggregateId id, long expectedRevision, StoredChanges changes) : StoreWrite
{
    public AggregateId Id => id;

    public long ExpectedRevision => expectedRevision;

    public StoredChanges Changes => changes;

    /// <summary>What this node was when it was decided, if that matters.</summary>
    public FenceKey? Key { get; init; }

    public override bool IsOfExisting => expectedRevision > 0;
}
