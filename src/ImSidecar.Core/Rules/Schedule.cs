using System.Collections.Immutable;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Rules;

/// <summary>
/// When sessions of a group may be: the time ranges of session-active-policy, put in order once so that a question
/// costs the same for few and for many.
/// </summary>
public sealed class Schedule
{
    private readonly ImmutableArray<(DateTimeOffset From, DateTimeOffset Until)> _ranges;

    private Schedule(ImmutableArray<(DateTimeOffset, DateTimeOffset)> ranges) => _ranges = ranges;

    /// <summary>Ranges that meet are one; without any the schedule is always.</summary>
    public static Schedule? Of(ImmutableArray<TimeRange> ranges)
    {
        if (ranges.IsDefaultOrEmpty)
            return null;

        var merged = new List<(DateTimeOffset From, DateTimeOffset Until)>();
        foreach (var (from, until) in ranges
            .Select(each => (From: each.From ?? DateTimeOffset.MinValue, Until: each.Until ?? DateTimeOffset.MaxValue))
            .Where(each => each.From < each.Until)
            .OrderBy(each => each.From))
        {
            if (merged.Count > 0 && from <= merged[^1].Until)
                merged[^1] = (merged[^1].From, until > merged[^1].Until ? until : merged[^1].Until);
            else
                merged.Add((from, until));
        }

        return new([.. merged]);
    }

    /// <summary>True within a range; its end, null if it has none.</summary>
    public bool IsOpen(DateTimeOffset now, out DateTimeOffset? until)
    {
        var next = Next(now);
        var isOpen = next > 0 && now < _ranges[next - 1].Until;
        until = isOpen && _ranges[next - 1].Until < DateTimeOffset.MaxValue ? _ranges[next - 1].Until : null;
        return isOpen;
    }

    /// <summary>When the next range begins; null: never.</summary>
    public DateTimeOffset? OpensAt(DateTimeOffset now)
    {
        var next = Next(now);
        return next < _ranges.Length ? _ranges[next].From : null;
    }

    // The first range that begins after now.
    private int Next(DateTimeOffset now)
    {
        var low = 0;
        var high = _ranges.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].From <= now)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
