using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// What this node holds, for health and for the meter: counted as it changes, never by walking through it.
/// </summary>
internal sealed class ConferenceCounts
{
    private int _conferences;
    private int _participants;
    private int _subscriptions;

    public int Conferences => _conferences;

    public int Participants => _participants;

    public int Subscriptions => _subscriptions;

    /// <summary>One conference has become another; null: there was or is none.</summary>
    public void Change(Conference? before, Conference? after)
    {
        Add(ref _conferences, (after is null ? 0 : 1) - (before is null ? 0 : 1));
        Add(ref _participants, (after?.Participants.Count ?? 0) - (before?.Participants.Count ?? 0));
        Add(ref _subscriptions, (after?.Subscriptions.Count ?? 0) - (before?.Subscriptions.Count ?? 0));
    }

    private static void Add(ref int count, int change)
    {
        if (change != 0)
            Interlocked.Add(ref count, change);
    }
}
