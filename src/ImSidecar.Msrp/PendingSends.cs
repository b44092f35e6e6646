using System.Buffers.Binary;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp;

/// <summary>SENDs of ours that wait for their answer, RFC 4975 7.1.1. Not thread-safe: its outbox guards it.</summary>
internal sealed class PendingSends
{
    // Beyond it a peer that answers nothing is found by the ones already here.
    private const int Limit = 4096;

    private readonly Dictionary<ulong, Route?> _waiting = [];
    private readonly Queue<(ulong Transaction, long SentAt)> _byAge = [];

    public static ulong Key(string transactionId)
    {
        Span<byte> bytes = stackalloc byte[MsrpIdent.FreshLength];
        return Encoding.ASCII.TryGetBytes(transactionId, bytes, out var length) ? Key(bytes[..length]) : 0;
    }

    /// <summary>Key of an identifier we made; anything else has no transaction of ours, and gets 0.</summary>
    public static ulong Key(ReadOnlySpan<byte> transactionId) => transactionId.Length != MsrpIdent.FreshLength ? 0
        : BinaryPrimitives.ReadUInt64LittleEndian(transactionId)
            ^ ulong.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(transactionId[^8..]), 3);

    public void Add(ulong transaction, Route? route, long now)
    {
        if (_waiting.Count >= Limit || !_waiting.TryAdd(transaction, route))
            return;

        _byAge.Enqueue((transaction, now));
    }

    /// <summary>False when no such transaction waits.</summary>
    public bool TryAnswer(ulong transaction, out Route? route)
    {
        var found = _waiting.Remove(transaction, out route);
        while (_byAge.TryPeek(out var oldest) && !_waiting.ContainsKey(oldest.Transaction))
            _byAge.Dequeue();

        return found;
    }

    /// <summary>Takes out what was sent before this time, and adds its routes; true when there was something.</summary>
    public bool Expire(long before, List<Route> routes)
    {
        var any = false;
        while (_byAge.TryPeek(out var oldest)
            && (oldest.SentAt < before || !_waiting.ContainsKey(oldest.Transaction)))
        {
            if (_waiting.Remove(oldest.Transaction, out var route))
            {
                any = true;
                if (route is not null)
                    routes.Add(route);
            }

            _byAge.Dequeue();
        }

        return any;
    }
}
