using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// SENDs of ours that wait for their answer, RFC 4975 7.1.1, in the order they were written: a peer answers in that order
/// too, so the answer is mostly that of the first. Not thread-safe: its outbox guards it.
/// </summary>
internal sealed class PendingSends
{
    // Beyond it a peer that answers nothing is found by the ones already here.
    private const int Limit = 4096;
    private const int FirstRoom = 8;

    // A ring. A key of 0 is the place of one that was answered before an older one.
    private ulong[] _keys = [];
    private Entry[] _entries = [];
    private int _first;
    private int _places;
    private int _waiting;

    /// <summary>A chunk that was written, null when it is not kept; without route it was none of a message.</summary>
    public readonly record struct Sent(Route? Route, OutgoingChunk? Chunk);

    private readonly record struct Entry(Sent Sent, long SentAt);

    public bool IsEmpty => _waiting == 0;

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
        if (_waiting == Limit || transaction == 0)
            return false;

        if (_places == _keys.Length)
            MakeRoom();

        var at = Place(_places++);
        (_keys[at], _entries[at]) = (transaction, new(sent, now));
        _waiting++;
        return true;
    }

    /// <summary>False when no such transaction waits.</summary>
    public bool TryAnswer(ulong transaction, out Sent sent)
    {
        var at = transaction == 0 || _waiting == 0 ? -1
            : _keys[_first] == transaction ? _first : Array.IndexOf(_keys, transaction);
        sent = at < 0 ? default : Take(at);
        return at >= 0;
    }

    /// <summary>Takes out what was sent before this time, the oldest first.</summary>
    public List<Sent> Expire(long before)
    {
        var expired = new List<Sent>();
        while (_waiting > 0 && _entries[_first].SentAt < before)
            expired.Add(Take(_first));

        return expired;
    }

    // The first place is never that of one already answered.
    private Sent Take(int at)
    {
        var sent = _entries[at].Sent;
        (_keys[at], _entries[at]) = (0, default);
        _waiting--;
        while (_places > 0 && _keys[_first] == 0)
        {
            _first = Place(1);
            _places--;
        }

        return sent;
    }

    // Closes the gaps; more room only if those that wait need it.
    private void MakeRoom()
    {
        var room = Math.Max(FirstRoom, (int)BitOperations.RoundUpToPowerOf2((uint)_waiting * 2));
        var (keys, entries, count) = (new ulong[room], new Entry[room], 0);
        for (var i = 0; i < _places; i++)
        {
            var at = Place(i);
            if (_keys[at] != 0)
                (keys[count], entries[count++]) = (_keys[at], _entries[at]);
        }

        (_keys, _entries, _first, _places) = (keys, entries, 0, count);
    }

    private int Place(int offset) => (_first + offset) & (_keys.Length - 1);
}
