using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// The saved effects of a conference that are not yet known to be done. What the link answers is done with the answer;
/// what it does not answer (ACK) is done when the stream that took it is still up a moment later.
/// </summary>
internal sealed class PendingEffects
{
    private static readonly TimeSpan _settled = TimeSpan.FromSeconds(1);

    private readonly List<Entry> _entries = [];
    private readonly List<long> _done = [];
    private long _lastNumber;

    public bool HasDone => _done.Count > 0;

    /// <summary>When <see cref="Settle"/> or a save has something to strike off; null: nothing.</summary>
    public DateTimeOffset? SettlesAt(DateTimeOffset now) =>
        _done.Count > 0 || _entries.Exists(entry => entry.SentOn is not null && IsUnanswered(entry.Effect))
            ? now + _settled + _settled
            : null;

    public IEnumerable<PendingEffect> All => _entries.Select(entry => new PendingEffect(entry.Number, entry.Effect));

    public void Load(ImmutableArray<PendingEffect> stored)
    {
        _entries.Clear();
        _done.Clear();
        foreach (var pending in stored)
            _entries.Add(new(pending.Number, pending.Effect));
        _lastNumber = _entries.Count == 0 ? 0 : _entries[^1].Number;
    }

    public ImmutableArray<PendingEffect> Number(IReadOnlyList<Effect> effects)
    {
        var numbered = ImmutableArray.CreateBuilder<PendingEffect>(effects.Count);
        foreach (var effect in effects)
            numbered.Add(new(_lastNumber + numbered.Count + 1, effect));
        return numbered.MoveToImmutable();
    }

    /// <summary>The save with these added effects and the done ones struck off has succeeded.</summary>
    public void Saved(ImmutableArray<PendingEffect> added, int struckOff)
    {
        _done.RemoveRange(0, struckOff);
        foreach (var pending in added)
        {
            _entries.Add(new(pending.Number, pending.Effect));
            _lastNumber = pending.Number;
        }
    }

    public ImmutableArray<long> Done => [.. _done];

    public void Performed(long number)
    {
        _entries.RemoveAll(entry => entry.Number == number);
        _done.Add(number);
    }

    public void Sent(long number, Link link, DateTimeOffset now)
    {
        var index = _entries.FindIndex(entry => entry.Number == number);
        if (index >= 0)
            _entries[index] = _entries[index] with { SentOn = link, SentAt = now };
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

    /// <summary>Strikes off what a stream took that is still attached.</summary>
    public void Settle(Link? attached, DateTimeOffset now) =>
        Strike(entry => IsUnanswered(entry.Effect)
            && attached is not null
            && ReferenceEquals(entry.SentOn, attached)
            && now - entry.SentAt >= _settled);

    private void Answered(ConferenceEvent happened)
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
                Strike(effect => effect is Respond or SendCancel or SendRequest { Key.Method: "INVITE" });
                break;
            case ResponseArrived arrived:
                Strike(effect => effect is SendRequest request && request.Key == arrived.Key
                    || effect is SendNotify notify && notify.Key == arrived.Key
                    || effect is SendCancel cancel && cancel.Invite == arrived.Key && arrived.Response.Status.IsFinal);
                break;
        }
    }

    private static bool IsUnanswered(Effect effect) => effect is SendAck;

    private void Strike(Predicate<Effect> isDone) => Strike((Entry entry) => isDone(entry.Effect));

    private void Strike(Predicate<Entry> isDone)
    {
        foreach (var entry in _entries)
        {
            if (isDone(entry))
                _done.Add(entry.Number);
        }

        _entries.RemoveAll(isDone);
    }

    private sealed record Entry(long Number, Effect Effect)
    {
        public Link? SentOn { get; init; }

        public DateTimeOffset SentAt { get; init; }
    }
}
