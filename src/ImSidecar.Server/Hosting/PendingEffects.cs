using System.Collections.Immutable;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// The saved effects of an aggregate that are not yet known to be done: the link answers every action.
/// </summary>
internal sealed class PendingEffects
{
    private static readonly TimeSpan _savedWithin = TimeSpan.FromSeconds(2);

    private readonly List<PendingEffect> _entries = [];
    private readonly List<long> _done = [];
    private long _lastNumber;

    public bool HasDone => _done.Count > 0;

    /// <summary>When what is done is struck off at the latest; null: nothing is.</summary>
    public DateTimeOffset? SettlesAt(DateTimeOffset now) => _done.Count > 0 ? now + _savedWithin : null;

    public ImmutableArray<PendingEffect> All => [.. _entries];

    public void Load(ImmutableArray<PendingEffect> stored)
    {
        _entries.Clear();
        _done.Clear();
        _entries.AddRange(stored);
        _lastNumber = _entries.Count == 0 ? 0 : _entries[^1].Number;
    }

    public ImmutableArray<PendingEffect> Number(IReadOnlyList<Effect> effects)
    {
        var numbered = ImmutableArray.CreateBuilder<PendingEffect>(effects.Count);
        foreach (var effect in effects)
            numbered.Add(new(_lastNumber + numbered.Count + 1, Lean(effect)));
        return numbered.MoveToImmutable();
    }

    /// <summary>The save with these added effects and the done ones struck off has succeeded.</summary>
    public void Saved(ImmutableArray<PendingEffect> added, int struckOff)
    {
        _done.RemoveRange(0, struckOff);
        foreach (var pending in added)
        {
            _entries.Add(pending);
            _lastNumber = pending.Number;
        }
    }

    public ImmutableArray<long> Done => [.. _done];

    public void Performed(long number)
    {
        _entries.RemoveAll(entry => entry.Number == number);
        _done.Add(number);
    }

    /// <summary>Counts as done whatever the item shows to have been performed.</summary>
    public void Answered(MailboxItem item)
    {
        switch (item)
        {
            case ReplyConfirmed reply:
                Strike(effect => effect is Respond respond
                    && respond.Transaction == reply.Transaction && respond.Ordinal <= reply.Ordinal);
                break;
            case Happened happened:
                Answered(happened.Event);
                break;
            case EventGivenUp lost:
                Answered(lost.Event);
                break;
        }
    }

    private void Answered(AggregateEvent happened)
    {
        switch (happened)
        {
            case RequestTransactionEnded ended:
                Strike(effect => effect is Respond respond && respond.Transaction == ended.Transaction);
                break;
            case InviteCancelled cancelled:
                Strike(effect => effect is Respond respond && respond.Transaction == cancelled.Transaction);
                break;
            case LinkRestarted:
                // They ended with the Kamailio that held them; sent again they would ring phones for what has failed.
                // A BYE goes again by the rules, as a request of its own, and so does what keeps a subscription.
                Strike(effect => effect is Respond or SendCancel
                    or SendRequest
                {
                    Key: { Method: "INVITE" or "NOTIFY" or "SUBSCRIBE" } or { Method: "BYE", Variant: "" },
                });
                break;
            case ResponseArrived arrived:
                Strike(effect => KeyOf(effect) == arrived.Key
                    || effect is SendCancel cancel && cancel.Invite == arrived.Key && arrived.Response.Status.IsFinal);
                break;
        }
    }

    // The switch needs no descriptions, and most of the bytes are theirs.
    private static Effect Lean(Effect effect) => effect is OpenLeg open
        ? open with { Media = open.Media with { Offer = default, LocalDescription = default } }
        : effect;

    private static ActionKey? KeyOf(Effect effect) => effect switch
    {
        SendRequest request => request.Key,
        SendNotify notify => notify.Key,
        SendAck ack => ack.Key,
        SendCancel cancel => cancel.Key,
        _ => null,
    };

    private void Strike(Predicate<Effect> isDone)
    {
        foreach (var entry in _entries)
        {
            if (isDone(entry.Effect))
                _done.Add(entry.Number);
        }

        _entries.RemoveAll(entry => isDone(entry.Effect));
    }
}
