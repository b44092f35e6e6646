using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>The conferences of this node for the operator: their ids in order, each change for who looks on.</summary>
internal sealed class ConferenceDirectory
{
    private int _underWay;

    public HeldIds Ids { get; } = new();

    /// <summary>How many are not over.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public Onlookers<ConferenceChange> Watches { get; } = new();

    public Onlookers<TraceItem> Traces { get; } = new();

    /// <summary>A conference has become another; null: there was or is none.</summary>
    public void Change(Conference? before, Conference? after, TimeProvider time)
    {
        if ((after ?? before)?.Id.Value is not { } id || ReferenceEquals(before, after))
            return;

        var more = (after is { IsOver: false } ? 1 : 0) - (before is { IsOver: false } ? 1 : 0);
        if (more != 0)
            Interlocked.Add(ref _underWay, more);

        if (before is null)
            Ids.Add(id);
        else if (after is null)
            Ids.Remove(id);

        if (Watches.AreSeen(id))
            Watches.Tell(id, new(time.GetUtcNow(), before, after));

        if (after is null)
        {
            Watches.End(id);
            Traces.End(id);
        }
    }
}

/// <summary>Two states of a conference, one after the other; who looks on works out what is between them.</summary>
internal sealed record ConferenceChange(DateTimeOffset At, Conference? Before, Conference? After);
