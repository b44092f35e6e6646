namespace ImSidecar.Server.Hosting;

/// <summary>The ids of what this node holds, in order: a page is found without a walk through those before it.</summary>
internal sealed class HeldIds
{
    private readonly Lock _gate = new();
    private readonly SortedSet<string> _ids = new(StringComparer.Ordinal);

    public void Add(string id)
    {
        lock (_gate)
            _ids.Add(id);
    }

    public bool Contains(string id)
    {
        lock (_gate)
            return _ids.Contains(id);
    }

    public void Remove(string id)
    {
        lock (_gate)
            _ids.Remove(id);
    }

    /// <summary>Those behind that one, which need not be there any more; empty: from the first one on.</summary>
    public IReadOnlyList<string> After(string last, int most)
    {
        lock (_gate)
        {
            return _ids.Max is { } end && string.CompareOrdinal(last, end) < 0
                ? [.. _ids.GetViewBetween(last, end).Where(id => id != last).Take(most)]
                : [];
        }
    }
}
