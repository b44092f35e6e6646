using System.Collections.Immutable;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// The saved effects of an aggregate that are not yet known to be done: the link answers every action.
/// </summary>
internal sealed class PendingEffects(ReinvitesInFlight reinvites)
{
    private static readonly TimeSpan _savedWithin = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<long, PendingEffect> _entries = [];
    private readonly Dictionary<object, List<long>> _byAnswer = [];
    private readonly List<long> _done = [];
    private readonly Dictionary<string, int> _ours = new(StringComparer.Ordinal);
    private int _unrouted;
    private string? _via;
    private long _lastNumber;

    public bool HasDone => _done.Count > 0;

    /// <summary>When what is done is struck off at the latest; null: nothing is.</summary>
    public DateTimeOffset? SettlesAt(DateTimeOffset now) => _done.Count > 0 ? now + _savedWithin : null;

    public ImmutableArray<PendingEffect> All => [.. _entries.Values];

    /// <summary>The boot of Kamailio that the youngest of our requests in flight went through; null: none is in flight.</summary>
    public string? Via => _via is { } via && _ours.ContainsKey(via) ? via : _ours.Keys.FirstOrDefault();

    /// <summary>Boots of Kamailio where something is in flight.</summary>
    public IEnumerable<string> Boots => _entries.Values
        .Select(pending => pending.Effect is Respond respond ? Gateway.Boots.Of(respond.Transaction) : pending.Effect.Via)
        .OfType<string>().Distinct();

    /// <summary>Nobody knows where a request of ours is in flight, if it is.</summary>
    public bool HasUnrouted => _unrouted > 0;

    /// <summary>Requests of ours are in flight there, or nobody knows where.</summary>
    public bool HasOurs(string boot) => _unrouted > 0 || _ours.ContainsKey(boot);

    public bool HasReply(string boot) => _entries.Values.Any(pending =>
        pending.Effect is Respond respond && respond.Transaction.StartsWith(boot, StringComparison.Ordinal));

    public bool Has(long number) => _entries.ContainsKey(number);

    public void Load(ImmutableArray<PendingEffect> stored)
    {
        Clear();
        foreach (var pending in stored)
            Add(pending);
        _lastNumber = stored.IsEmpty ? 0 : stored[^1].Number;
    }

    /// <summary>It is not for this node any more to have them performed.</summary>
    public void Clear()
    {
        foreach (var pending in _entries.Values)
            Count(pending.Effect, -1);
        _entries.Clear();
        _byAnswer.Clear();
        _done.Clear();
        _ours.Clear();
        _unrouted = 0;
        _via = null;
    }

    /// <summary>Those that are stored, as they will be: requests of ours go through that boot of Kamailio.</summary>
    public ImmutableArray<PendingEffect> Number(IReadOnlyList<Owed> owed, string? via)
    {
        var numbered = ImmutableArray.CreateBuilder<PendingEffect>(owed.Count);
        foreach (var each in owed)
        {
            if (!each.IsStored)
                continue;

            var effect = Lean(each.Effect);
            each.Saved = new(
                _lastNumber + numbered.Count + 1, IsOurs(effect) ? effect with { Via = ViaOf(effect) ?? via } : effect);
            numbered.Add(each.Saved);
        }

        return numbered.DrainToImmutable();
    }

    /// <summary>
    /// Requests of ours that no Kamailio was there for when they were saved. They count as done now: the caller saves them
    /// anew, with the Kamailio that they go through, or loads all of it again.
    /// </summary>
    public IReadOnlyList<Effect> TakeUnrouted()
    {
        if (_unrouted == 0)
            return [];

        var unrouted = _entries.Values.Where(pending => IsOurs(pending.Effect) && pending.Effect.Via is null).ToList();
        foreach (var pending in unrouted)
            Performed(pending.Number);
        return [.. unrouted.Select(pending => pending.Effect)];
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
            case LinkRestarted restarted:
                // They ended with the Kamailio that held them; sent again they would ring phones for what has failed.
                // A BYE goes again by the rules, as a request of its own, and so does what keeps a subscription.
                Strike((IEnumerable<long>)_entries.Keys, effect => effect is Respond respond
                    ? restarted.Ends(respond.Transaction)
                    : restarted.EndsOurs && effect is SendCancel or SendRequest
                    {
                        Key: { Method: "INVITE" or "NOTIFY" or "SUBSCRIBE" } or { Method: "BYE", Variant: "" },
                    });
                if (restarted.EndsOurs)
                    Unroute(restarted.Boot);
                break;
            case ResponseArrived arrived:
                // Who rings has it from a Kamailio that must not end unnoticed: until the final answer it is in flight.
                Strike(arrived.Key, effect => arrived.Response.Status.IsFinal || (effect is SendCancel cancel
                    ? cancel.Key == arrived.Key
                    : effect is not SendRequest { Key.Method: "INVITE" }));
                break;
        }
    }

    // Of the descriptions the switch needs our own, which says what we take, and many bytes are those of the peer's.
    private static Effect Lean(Effect effect) => effect is OpenLeg open
        ? open with { Media = open.Media with { Offer = default } }
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

    private static bool IsOurs(Effect effect) => effect is SendRequest or SendNotify or SendMessage or SendAck or SendCancel;

    // What belongs to an INVITE goes where that went.
    private string? ViaOf(Effect effect) =>
        effect is SendCancel cancel && _byAnswer.TryGetValue(cancel.Invite, out var numbers)
            ? _entries[numbers[0]].Effect.Via
            : null;

    // What is left goes through another Kamailio.
    private void Unroute(string boot)
    {
        foreach (var pending in _entries.Values
            .Where(each => IsOurs(each.Effect) && each.Effect.Via?.StartsWith(boot, StringComparison.Ordinal) == true).ToList())
        {
            Count(pending.Effect, -1);
            var unrouted = pending with { Effect = pending.Effect with { Via = null } };
            _entries[pending.Number] = unrouted;
            Count(unrouted.Effect, 1);
        }
    }

    private void Count(Effect effect, int change)
    {
        if (!IsOurs(effect))
            return;

        if (effect.Via is not { } via)
        {
            _unrouted += change;
            return;
        }

        // A first one may ring for a minute; a re-INVITE is answered at once, by whoever is there.
        if (effect is SendRequest { Key: { Method: "INVITE", CSeq: > 1 } })
            reinvites.Add(change);
        var count = _ours.GetValueOrDefault(via) + change;
        if (count > 0)
            _ours[via] = count;
        else
            _ours.Remove(via);
        if (change > 0)
            _via = via;
    }

    private void Add(PendingEffect pending)
    {
        _entries.Add(pending.Number, pending);
        Count(pending.Effect, 1);
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

        Count(pending.Effect, -1);
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
