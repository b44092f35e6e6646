using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// What a batch makes of one aggregate, all of its saves together: of each row only what comes of it in the end.
/// </summary>
internal sealed class PostgresDraft(AggregateId id, long storedRevision)
{
    private readonly Dictionary<(PartTable Table, object Key), byte[]?> _parts = [];
    private readonly Dictionary<long, byte[]> _added = [];
    private readonly HashSet<long> _done = [];
    private readonly long _stored = storedRevision;

    public AggregateId Id => id;

    public long Revision { get; private set; } = storedRevision;

    /// <summary>The stored rows go, whatever comes after.</summary>
    public bool Deletes { get; private set; }

    public bool Inserts => Revision > 0 && (_stored == 0 || Deletes);

    public bool Advances => !Inserts && Revision != _stored && Head is null && !Deletes;

    public bool Updates => !Inserts && Head is not null && !Deletes;

    public byte[]? Head { get; private set; }

    public IEnumerable<(PartTable Table, object Key, byte[] Body)> Written =>
        _parts.Where(part => part.Value is not null).Select(part => (part.Key.Table, part.Key.Key, part.Value!));

    // Those of a deleted one go with it.
    public IEnumerable<(PartTable Table, object Key)> Removed =>
        Deletes || _stored == 0 ? [] : _parts.Where(part => part.Value is null).Select(part => part.Key);

    public IReadOnlyDictionary<long, byte[]> Added => _added;

    public IEnumerable<long> Done => Deletes || _stored == 0 ? [] : _done;

    /// <summary>False when it does not follow what is there.</summary>
    public bool TryApply(ConferenceSave save)
    {
        if (save.ExpectedRevision != Revision)
            return false;

        if (save.Changes.Deletes)
        {
            Delete();
            return true;
        }

        Revision = save.Changes.Revision;
        Head = save.Changes.Head ?? Head;
        foreach (var (table, key) in save.Changes.Removed)
            Remove(table, key);
        foreach (var part in save.Changes.Written)
            Write(part);
        return true;
    }

    private void Delete()
    {
        Deletes |= _stored > 0;
        Revision = 0;
        Head = null;
        _parts.Clear();
        _added.Clear();
        _done.Clear();
    }

    private void Remove(PartTable table, object key)
    {
        if (table != PartTable.Effect)
        {
            _parts[(table, key)] = null;
            return;
        }

        _added.Remove((long)key);
        _done.Add((long)key);
    }

    private void Write(StoredPart part)
    {
        if (part.Table != PartTable.Effect)
            _parts[(part.Table, part.Key)] = part.Body;
        else if (!_added.TryAdd((long)part.Key, part.Body))
            throw new InvalidOperationException($"Effect {part.Key} of {id} is there already");
    }
}
