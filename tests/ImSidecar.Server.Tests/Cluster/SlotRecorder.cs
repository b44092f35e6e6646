using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;

namespace ImSidecar.Server.Tests.Cluster;

/// <summary>Instead of mailboxes: who has taken up what, of all nodes together.</summary>
internal sealed class SlotRecorder(string node, ConcurrentDictionary<Slot, string> all, Action<string> onWrong)
    : ISlotHolder
{
    public ConcurrentQueue<int> GivenUp { get; } = [];

    public int Dropped { get; private set; }

    /// <summary>What is in work takes so long.</summary>
    public TimeSpan GiveUpTakes { get; set; }

    public HashSet<Slot> Held => [.. all.Where(each => each.Value == node).Select(each => each.Key)];

    public Task TakeUpAsync(IReadOnlySet<Slot> slots, CancellationToken cancellation)
    {
        foreach (var slot in slots)
        {
            if (!all.TryAdd(slot, node))
                onWrong($"{node} takes up {slot}, which {all[slot]} still has");
        }

        return Task.CompletedTask;
    }

    public async Task GiveUpAsync(IReadOnlySet<Slot> slots, CancellationToken cancellation)
    {
        GivenUp.Enqueue(slots.Count);
        await Task.Delay(GiveUpTakes, cancellation);
        foreach (var slot in slots)
        {
            if (!all.TryRemove(new(slot, node)))
                onWrong($"{node} gives up {slot} and does not have it");
        }
    }

    public Task DropAllAsync()
    {
        Dropped++;
        Forget();
        return Task.CompletedTask;
    }

    /// <summary>Its process is killed.</summary>
    public void Forget()
    {
        foreach (var slot in Held)
            all.TryRemove(new(slot, node));
    }
}
