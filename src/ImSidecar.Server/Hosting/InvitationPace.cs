using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// The first INVITEs of one session, and a message to many, so many in a second: a group of a thousand does not ring the
/// core down. A quarter of a second's worth goes at once, what is behind that waits for its turn; all of it is saved
/// already.
/// </summary>
internal sealed class InvitationPace(int perSecond)
{
    private readonly LinkedList<Held> _waiting = [];
    private readonly Dictionary<ActionKey, LinkedListNode<Held>> _byKey = [];
    private readonly double _most = Math.Max(1, perSecond / 4.0);
    private double _allowed = Math.Max(1, perSecond / 4.0);
    private DateTimeOffset _countedAt;

    /// <summary>Who is invited last has half of the time to answer at least.</summary>
    public static InvitationPace Of(OperatorPolicy policy) => new(
        policy.InvitationsPerSecond == 0
            ? 0
            : Math.Max(
                policy.InvitationsPerSecond,
                (int)Math.Ceiling(
                    2 * Math.Max(policy.MaxGroupParticipants, policy.MaxAdHocParticipants)
                    / policy.NoAnswer.TotalSeconds)));

    /// <summary>When the next one may go; null: none waits.</summary>
    public DateTimeOffset? NextAt => _waiting.Count == 0
        ? null
        : _countedAt + TimeSpan.FromSeconds(Math.Max(0, Math.Min(_most, _waiting.Count) - _allowed) / perSecond);

    /// <summary>An INVITE that waits; it may have gone before when it is performed once more.</summary>
    public readonly record struct Held(PendingEffect Invite, bool MayHaveGone);

    /// <summary>True if it has to wait. Those of other kinds never do.</summary>
    public bool Holds(PendingEffect pending, DateTimeOffset now, bool mayHaveGone = false)
    {
        if (perSecond == 0 || KeyOf(pending.Effect) is not { } key)
            return false;

        Count(now);
        if (_waiting.Count == 0 && _allowed >= 1)
        {
            _allowed--;
            return false;
        }

        if (!_byKey.ContainsKey(key))
            _byKey[key] = _waiting.AddLast(new Held(pending, mayHaveGone));
        return true;
    }

    /// <summary>Those whose turn it is.</summary>
    public IEnumerable<PendingEffect> Due(DateTimeOffset now)
    {
        Count(now);
        for (; _allowed >= 1 && _waiting.First is { } next; _allowed--)
        {
            Remove(next);
            yield return next.Value.Invite;
        }
    }

    /// <summary>Takes out that INVITE if it waits: unless it may have gone, it now never goes.</summary>
    public bool TryWithdraw(ActionKey invite, out Held held)
    {
        var isWaiting = _byKey.TryGetValue(invite, out var waiting);
        held = waiting?.Value ?? default;
        if (waiting is not null)
            Remove(waiting);

        return isWaiting;
    }

    /// <summary>All of them are to be performed anew; the numbers of those that have not gone.</summary>
    public HashSet<long> Forget()
    {
        var unsent = _waiting.Where(each => !each.MayHaveGone).Select(each => each.Invite.Number).ToHashSet();
        _waiting.Clear();
        _byKey.Clear();
        return unsent;
    }

    private void Remove(LinkedListNode<Held> node)
    {
        _waiting.Remove(node);
        _byKey.Remove(KeyOf(node.Value.Invite.Effect)!.Value);
    }

    private static ActionKey? KeyOf(Effect effect) => effect switch
    {
        SendRequest { Key: { Method: "INVITE", CSeq: 1 } key } => key,
        SendMessage message => message.Key,
        _ => null,
    };

    private void Count(DateTimeOffset now)
    {
        if (now > _countedAt)
            _allowed = Math.Min(_most, _allowed + (now - _countedAt).TotalSeconds * perSecond);
        _countedAt = now;
    }
}
