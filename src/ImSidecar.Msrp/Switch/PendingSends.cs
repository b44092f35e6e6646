using System.Buffers.Binary;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>SENDs of ours that wait for their answer, RFC 4975 7.1.1. Not thread-safe: its outbox guards it.</summary>
internal sealed class PendingSends
{
    // Beyond it a peer that answers nothing is found by the ones already here.
    private const int Limit = 4096;

    private readonly Dictionary<ulong, Sent> _waiting = [];
    private readonly Queue<(ulong Transaction, long SentAt)> _byAge = [];

    /// <summary>A chunk that was written, null when it is not kept; without route it was none of a message.</summary>
    public readonly record struct Sent(Route? Route, OutgoingChunk? Chunk);

    public bool IsEmpty => _waiting.Count == 0;

    public static ulong Key(string transactionId)
    {
        Span<byte> bytes = stackalloc byte[MsrpIdent.FreshLength];
        return Encoding.ASCII.TryGetBytes(transactionId, bytes, out var length) ? Key(bytes[..length]) : 0;
    }

    /// <summary>Key of an identifier we made; anything else has no transaction of ours, and gets 0.</summary>
    public static ulong Key(ReadOnlySpan<byte> transactionId) => transactionId.Length != MsrpIdent.FreshLength ? 0
        : BinaryPrimitives.ReadUInt64LittleEndian(transactionId)
            ^ ulong.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(transactionId[^8..]), 3);

    /// <summary>False when there are too many to take another.</summary>
    public bool Add(ulong transaction, Sent sent, long now)
    {
        if (_waiting.Count >= Limit || !_waiting.TryAdd(transaction, sent))
            return false;

        _byAge.Enqueue((transaction, now));
        return true;
    }

    /// <summary>False when no such transaction waits.</summary>
    public bool TryAnswer(ulong transaction, out Sent sent)
    {
        var found = _waiting.Remove(transaction, out sent);
        while (_byAge.TryPeek(out var oldest) && !_waiting.ContainsKey(oldest.Transaction))
            _byAge.Dequeue();

        return found;
    }

    /// <summary>Takes out what was sent before this time, the oldest first.</summary>
    public List<Sent> Expire(long before)
    {
        var expired = new List<Sent>();
        while (_byAge.TryPeek(out var oldest)
            && (oldest.SentAt < before || !_waiting.ContainsKey(oldest.Transaction)))
        {
            if (_waiting.Remove(oldest.Transaction, out var sent))
                expired.Add(sent);

            _byAge.Dequeue();
        }

        return expired;
    }
}
