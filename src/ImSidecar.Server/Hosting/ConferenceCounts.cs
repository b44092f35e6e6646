using System.Diagnostics.Metrics;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// What this node holds, for health and for the meter: counted as it changes, never by walking through it.
/// </summary>
internal sealed class ConferenceCounts
{
    private static readonly Meter _meter = new("ImSidecar");

    private static readonly UpDownCounter<int> _conferenceGauge =
        _meter.CreateUpDownCounter<int>("conferences", description: "Conferences held, released ones until forgotten");

    private static readonly UpDownCounter<int> _participantGauge =
        _meter.CreateUpDownCounter<int>("participants", description: "Participants held, invited ones too");

    private static readonly UpDownCounter<int> _subscriptionGauge =
        _meter.CreateUpDownCounter<int>("subscriptions", description: "Subscriptions to conference state");

    private int _conferences;
    private int _participants;
    private int _subscriptions;

    public int Conferences => _conferences;

    public int Participants => _participants;

    public int Subscriptions => _subscriptions;

    /// <summary>One conference has become another; null: there was or is none.</summary>
    public void Change(Conference? before, Conference? after)
    {
        Add(ref _conferences, _conferenceGauge, (after is null ? 0 : 1) - (before is null ? 0 : 1));
        Add(ref _participants, _participantGauge, (after?.Participants.Count ?? 0) - (before?.Participants.Count ?? 0));
        Add(ref _subscriptions, _subscriptionGauge,
            (after?.Subscriptions.Count ?? 0) - (before?.Subscriptions.Count ?? 0));
    }

    private static void Add(ref int count, UpDownCounter<int> gauge, int change)
    {
        if (change == 0)
            return;

        Interlocked.Add(ref count, change);
        gauge.Add(change);
    }
}
