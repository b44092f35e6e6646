using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Relay;

/// <summary>A SEND passed on, with what a report of its failure needs.</summary>
internal readonly record struct PassedSend(RelayConnection Origin, MsrpHead Head, ByteRange Range);

/// <summary>
/// The SENDs of one connection that wait for their answer, RFC 4976 6: a ring in the order they were sent. Not
/// thread-safe: its output guards it.
/// </summary>
internal sealed class PendingSends(int limit)
{
    private Slot[] _ring = new Slot[16];

    // Both only grow; a place in the ring is what is left of them.
    private uint _first;
    private uint _next;

    private RelayTransaction.Secrets? _secrets;

    private struct Slot
    {
        public ulong Secret;
        public long SentAt;
        public PassedSend Send;
    }

    /// <summary>How far the oldest lies back: what the ring has to hold.</summary>
    public int Span => (int)(_next - _first);

    public bool IsFull => Span >= limit;

    /// <summary>The transaction that the next one gets.</summary>
    public RelayTransaction Next() => new((_secrets ??= new()).Next(), _next);

    /// <summary>Takes it under what <see cref="Next"/> gave.</summary>
    public void Add(RelayTransaction transaction, in PassedSend send, long now)
    {
        if (Span == _ring.Length)
            Grow();

        ref var slot = ref _ring[_next & (uint)(_ring.Length - 1)];
        (slot.Secret, slot.SentAt, slot.Send) = (transaction.Secret, now, send);
        _next++;
    }

    /// <summary>The next one is used, and nobody waits for an answer.</summary>
    public void Skip()
    {
        if (Span == 0)
            _first = ++_next;
        else
            Add(default, default, long.MaxValue);
    }

    public bool TryTake(RelayTransaction transaction, out PassedSend send)
    {
        send = default;
        var place = transaction.Place;
        if (place - _first >= (uint)Span)
            return false;

        ref var slot = ref _ring[place & (uint)(_ring.Length - 1)];
        if (slot.Secret != transaction.Secret || slot.Send.Head is null)
            return false;

        send = slot.Send;
        slot = default;
        Advance();
        return true;
    }

    /// <summary>Takes out what was sent before this time; everything, when it is the largest.</summary>
    public List<PassedSend> Expire(long before)
    {
        var expired = new List<PassedSend>();
        while (Span > 0)
        {
            ref var slot = ref _ring[_first & (uint)(_ring.Length - 1)];
            if (slot.Send.Head is not null)
            {
                if (slot.SentAt >= before)
                    break;

                expired.Add(slot.Send);
            }

            slot = default;
            _first++;
        }

        return expired;
    }

    private void Advance()
    {
        while (Span > 0 && _ring[_first & (uint)(_ring.Length - 1)].Send.Head is null)
            _first++;
    }

    private void Grow()
    {
        var grown = new Slot[_ring.Length * 2];
        for (var place = _first; place != _next; place++)
            grown[place & (uint)(grown.Length - 1)] = _ring[place & (uint)(_ring.Length - 1)];

        _ring = grown;
    }
}
