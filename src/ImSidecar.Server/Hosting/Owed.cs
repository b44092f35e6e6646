using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores.Format;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Hosting;

/// <summary>An effect that is to be performed: stored before, or of use only while the link holds a request.</summary>
internal sealed class Owed(Effect effect)
{
    public Owed(PendingEffect saved)
        : this(saved.Effect) => Saved = saved;

    public Effect Effect => effect;

    /// <summary>
    /// False when there is nothing to be done again by a node that comes back: Kamailio has ended the transaction with
    /// the stream, and no rule asks how.
    /// </summary>
    public bool IsStored { get; private init; } = true;

    /// <summary>As it is stored; null: it is not.</summary>
    public PendingEffect? Saved { get; set; }

    /// <summary>Of what it came of, for the log.</summary>
    public string CallId { get; private init; } = CallIds.None;

    /// <summary>What it came of, in a trace; null: nobody samples that.</summary>
    public Activity? Cause { get; private init; }

    /// <summary>
    /// Of the request that it ends, for whoever counts that; null: it ends none, or did so before the node came back.
    /// </summary>
    public string? Ends { get; init; }

    public long Number => Saved?.Number ?? 0;

    public static Owed By(AggregateEvent happened, Effect effect, string? ends, Activity? cause = null) => new(effect)
    {
        Ends = ends,
        Cause = cause,
        CallId = CallIds.Of(happened),
        IsStored = !StoredTypes.Unstored.Contains(effect.GetType()) && !EndsRequest(effect, happened),
    };

    // What an INVITE or UPDATE has begun is taken back when its answer did not reach the peer.
    private static bool EndsRequest(Effect effect, AggregateEvent happened) =>
        effect is Respond { Status.IsFinal: true } respond
        && happened is RequestArrived { Request: { Method: not ("INVITE" or "UPDATE") } request }
        && request.Transaction == respond.Transaction;
}
