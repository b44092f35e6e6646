using System.Collections.Immutable;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// The saved effects of an aggregate that are not yet known to be done: the link answers every action.
/// </summary>
internal sealed class PendingEffects
{
    private static readonly TimeSpan _savedWithin = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<long, PendingEffect> _entries = [];
    private readonly Dictionary<object, List<long>> _byAnswer = [];
    private readonly List<long> _done = [];
    private long _lastNumber;

    public bool HasDone => _done.Count > 0;

    /// <summary>When what is done is struck off at the latest; null: nothing is.</summary>
    public DateTimeOffset? SettlesAt(DateTimeOffset now) => _done.Count > 0 ? now + _savedWithin : null;

    public ImmutableArray<PendingEffect> All => [.. _entries.Values];

    public bool Has(long number) => _entries.ContainsKey(number);

    public void Load(ImmutableArray<PendingEffect> stored)
    {
        _entries.Clear();
        _byAnswer.Clear();
        _done.Clear();
        foreach (var pending in stored)
            Add(pending);
        _lastNumber = stored.IsEmpty ? 0 : stored[^1].Number;
    }

    /// <summary>Those that are stored, as they will be.</summary>
    public ImmutableArray<PendingEffect> Number(IReadOnlyList<Owed> owed)
    {
        var numbered = ImmutableArray.CreateBuilder<PendingEffect>(owed.Count);
        foreach (var each in owed)
        {
            if (!each.IsStored)
                continue;

            each.Saved = new(_lastNumber + numbered.Count + 1, Lean(each.Effect));
            numbered.Add(each.Saved);
        }

        return numbered.DrainToImmutable();
    }

    /// <summary>The save with these added effects and the done ones struck off has succeeded.</summary>
    public void Saved(ImmutableArray<PendingEffect> added, int struckOff)
    {
        _done.RemoveRange(0, struckOff);
        foreach (var pending in added)
        {
            Add(pending);
            _lastNumber = pending.Number;
        }
    }

    public ImmutableArray<long> Done => [.. _done];

    public void Performed(long number)
    {
        Remove(number);
        _done.Add(number);
    }

    /// <summary>Counts as done whatever the item shows to have been performed.</summary>
    public void Answered(MailboxItem item)
    {
        switch (item)
        {
            case ReplyConfirmed reply:
                Strike(reply.Transaction, effect => effect is Respond respond && respond.Ordinal <= reply.Ordinal);
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
                Strike(ended.Transaction, effect => effect is Respond);
                break;
            case InviteCancelled cancelled:
                Strike(cancelled.Transaction, effect => effect is Respond);
                break;
            case LinkRestarted:
                // They ended with the Kamailio that held them; sent again they would ring phones for what has failed.
                // A BYE goes again by the rules, as a request of its own, and so does what keeps a subscription.
                Strike((IEnumerable<long>)_entries.Keys, effect => effect is Respond or SendCancel
                    or SendRequest
                {
                    Key: { Method: "INVITE" or "NOTIFY" or "SUBSCRIBE" } or { Method: "BYE", Variant: "" },
                });
                break;
            case ResponseArrived arrived:
                Strike(arrived.Key, effect => effect is not SendCancel cancel
                    || cancel.Key == arrived.Key || arrived.Response.Status.IsFinal);
                break;
        }
    }

    // The switch needs no descriptions, and most of the bytes are theirs.
    private static Effect Lean(Effect effect) => effect is OpenLeg open
        ? open with { Media = open.Media with { Offer = default, LocalDescription = default } }
        : effect;

    // What an answer to the effect names; a CANCEL is over with its INVITE too.
    private static IEnumerable<object> AnswersTo(Effect effect) => effect switch
    {
        Respond respond => [respond.Transaction],
        SendRequest request => [request.Key],
        SendNotify notify => [notify.Key],
        SendMessage message => [message.Key],
        SendAck ack => [ack.Key],
        SendCancel cancel => [cancel.Key, cancel.Invite],
        _ => [],
    };

    private void Add(PendingEffect pending)
    {
        _entries.Add(pending.Number, pending);
        foreach (var answer in AnswersTo(pending.Effect))
        {
            if (!_byAnswer.TryGetValue(answer, out var numbers))
                _byAnswer.Add(answer, numbers = []);
            numbers.Add(pending.Number);
        }
    }

    private void Remove(long number)
    {
        if (!_entries.Remove(number, out var pending))
            return;

        foreach (var answer in AnswersTo(pending.Effect))
        {
            var numbers = _byAnswer[answer];
            numbers.Remove(number);
            if (numbers.Count == 0)
                _byAnswer.Remove(answer);
        }
    }

    private void Strike(object answer, Predicate<Effect> isDone)
    {
        if (_byAnswer.TryGetValue(answer, out var numbers))
            Strike((IEnumerable<long>)numbers, isDone);
    }

    private void Strike(IEnumerable<long> numbers, Predicate<Effect> isDone)
    {
        foreach (var number in numbers.Where(number => isDone(_entries[number].Effect)).ToList())
            Performed(number);
    }
}
