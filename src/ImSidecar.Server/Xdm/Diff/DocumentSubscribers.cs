using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Xdm.Diff;

/// <summary>Who has subscribed to which documents on this node: found by document, counted by subscriber.</summary>
internal sealed class DocumentSubscribers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AggregateId, DocumentSubscription> _held = [];
    private readonly Dictionary<string, HashSet<AggregateId>> _byOwner = [];
    private readonly Dictionary<string, int> _counts = [];

    /// <summary>
    /// A subscription is found by its documents from now on; what changed since they were read was told nobody.
    /// </summary>
    public event Action<AggregateId>? Began;

    /// <summary>In order.</summary>
    public HeldIds Ids { get; } = new();

    public int Count
    {
        get
        {
            lock (_gate)
                return _held.Count;
        }
    }

    public int CountOf(string subscriber)
    {
        lock (_gate)
            return _counts.GetValueOrDefault(subscriber);
    }

    public IReadOnlyList<AggregateId> Of(DocumentSelector document)
    {
        lock (_gate)
            return _byOwner.TryGetValue(document.User ?? "", out var ids)
                ? [.. ids.Where(id => _held[id].Targets.Any(target => target.Covers(document)))]
                : [];
    }

    public void Change(DocumentSubscription? before, DocumentSubscription? after)
    {
        if (before is not null && after is not null && before.Targets == after.Targets)
            return;

        lock (_gate)
        {
            if (before is not null)
                Remove(before);
            if (after is not null)
                Add(after);
        }

        if (before is null && after is not null)
            Ids.Add(after.Id.Value);
        else if (before is not null && after is null)
            Ids.Remove(before.Id.Value);

        if (after is not null)
            Began?.Invoke(after.Id);
    }

    private static IEnumerable<string> Owners(DocumentSubscription subscription) =>
        subscription.Targets.Select(target => target.User ?? "").Distinct();

    private static string SubscriberOf(DocumentSubscription subscription) =>
        subscription.Subscription.Subscriber.AddressKey;

    private void Add(DocumentSubscription subscription)
    {
        _held[subscription.Id] = subscription;
        _counts[SubscriberOf(subscription)] = _counts.GetValueOrDefault(SubscriberOf(subscription)) + 1;
        foreach (var owner in Owners(subscription))
        {
            if (!_byOwner.TryGetValue(owner, out var ids))
                _byOwner[owner] = ids = [];
            ids.Add(subscription.Id);
        }
    }

    private void Remove(DocumentSubscription subscription)
    {
        _held.Remove(subscription.Id);
        if (--_counts[SubscriberOf(subscription)] == 0)
            _counts.Remove(SubscriberOf(subscription));
        foreach (var owner in Owners(subscription))
        {
            _byOwner[owner].Remove(subscription.Id);
            if (_byOwner[owner].Count == 0)
                _byOwner.Remove(owner);
        }
    }
}
