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

    private struct Slot
    {
        public ulong Number;
        public long SentAt;
        public PassedSend Send;
    }

    /// <summary>How far the oldest lies back: what the ring has to hold.</summary>
    public int Span => (int)(_next - _first);

    public bool IsFull => Span >= limit;

    /// <summary>The number of the next one: half of it is its place, half of it nobody can foresee.</summary>
    public ulong Next() => ((ulong)(uint)Random.Shared.Next() << 32) | _next;

    /// <summary>Takes it under the number that <see cref="Next"/> gave.</summary>
    public void Add(ulong number, in PassedSend send, long now)
    {
        if (Span == _ring.Length)
            Grow();

        ref var slot = ref _ring[_next & (uint)(_ring.Length - 1)];
        (slot.Number, slot.SentAt, slot.Send) = (number, now, send);
        _next++;
    }

    /// <summary>The number is used and nobody waits for an answer.</summary>
    public void Skip()
    {
        if (Span == 0)
            _first = ++_next;
        else
            Add(0, default, long.MaxValue);
    }

    public bool TryTake(ulong number, out PassedSend send)
    {
        send = default;
        var place = (uint)number;
        if (place - _first >= (uint)Span)
            return false;

        ref var slot = ref _ring[place & (uint)(_ring.Length - 1)];
        if (slot.Number != number || slot.Send.Head is null)
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
