using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Hosting;

/// <summary>What waits in a mailbox: an event for the rules, or news of the link about effects; a closed set.</summary>
internal abstract record MailboxItem(EventReceipt? Receipt)
{
    /// <summary>Stands in a trace for what another aggregate began; null: nobody samples it.</summary>
    public Activity? Continues { get; init; }

    /// <summary>Who takes it ends it; null: it is taken, or nobody samples it.</summary>
    public Activity? TakeSpan() =>
        Receipt is { } receipt ? receipt.TakeSpan()
        : Continues is { IsStopped: false } span ? span
        : null;

    public Activity? Span => Receipt?.Span ?? Continues;

    /// <summary>The same again is the same, whoever traces it.</summary>
    public virtual bool Equals(MailboxItem? other) =>
        other is not null && EqualityContract == other.EqualityContract && Equals(Receipt, other.Receipt);

    public override int GetHashCode() => HashCode.Combine(EqualityContract, Receipt);

    /// <summary>Nobody waits for what comes of it: it is worked off with what comes next.</summary>
    public virtual bool MayWait => false;
}

/// <summary>An event for the rules.</summary>
internal sealed record Happened(AggregateEvent Event, EventReceipt? Receipt) : MailboxItem(Receipt)
{
    public override bool MayWait => Event is ResponseArrived
    {
        Key.Method: "NOTIFY", Response.Status.IsSuccess: true,
    };
}

/// <summary>An event whose outcome cannot be stored: it strikes off what it answers, the rules never hear of it.</summary>
internal sealed record EventGivenUp(AggregateEvent Event, EventReceipt? Receipt) : MailboxItem(Receipt);

/// <summary>The link sent a reply of ours.</summary>
internal sealed record ReplyConfirmed(string Transaction, int Ordinal, EventReceipt? Receipt) : MailboxItem(Receipt)
{
    public override bool MayWait => true;
}

/// <summary>A link attached: what is pending is performed again, the link knows what it has seen.</summary>
internal sealed record PerformPending() : MailboxItem((EventReceipt?)null);

/// <summary>A boot of Kamailio is over: what was in flight there has ended.</summary>
internal sealed record BootEnded(string Boot) : MailboxItem((EventReceipt?)null);

/// <summary>The link has repeated all that the node missed: deadlines count again.</summary>
internal sealed record CaughtUp() : MailboxItem((EventReceipt?)null);

/// <summary>
/// The time the mailbox asked to be woken at has come, or the node stops and wants everything struck off.
/// </summary>
internal sealed record Wake(bool Stopping) : MailboxItem((EventReceipt?)null);

/// <summary>
/// What is stored is to be resumed, if nothing else has done so: a mailbox that loads its aggregate does.
/// </summary>
internal sealed record Awaken() : MailboxItem((EventReceipt?)null);
