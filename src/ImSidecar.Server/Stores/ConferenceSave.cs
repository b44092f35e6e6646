using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Stores;

/// <summary>The changed parts of one conference on their way to the disk.</summary>
internal sealed class ConferenceSave(AggregateId id, long expectedRevision, StoredChanges changes) : StoreWrite
{
    public AggregateId Id => id;

    public long ExpectedRevision => expectedRevision;

    public StoredChanges Changes => changes;

    public override bool IsOfExisting => expectedRevision > 0;
}
