using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace ImSidecar.Digest;

/// <summary>
/// Nonces that say themselves when we gave them out (RFC 7616 3.3), and which of their counts were used (3.4).
/// </summary>
public sealed class DigestNonces(TimeSpan lifetime, TimeProvider time)
{
    public const int MaxInUse = 10_000;
    private const int Window = 64;
    private const int RandomBytes = 8;
    private const int HeadBytes = 8 + RandomBytes;
    private const int MacBytes = 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, NonceUse> _uses = new(StringComparer.Ordinal);
    private readonly Queue<string> _byFirstUse = new();
    private DateTimeOffset _forgottenUpTo = DateTimeOffset.MinValue;

    public string Create()
    {
        Span<byte> nonce = stackalloc byte[HeadBytes + MacBytes];
        BinaryPrimitives.WriteInt64BigEndian(nonce, time.GetUtcNow().UtcTicks);
        RandomNumberGenerator.Fill(nonce[8..HeadBytes]);
        Mac(nonce[..HeadBytes]).CopyTo(nonce[HeadBytes..]);
        return Base64Url.EncodeToString(nonce);
    }

    /// <summary>Takes a count of a nonce once. Asked when the response was right, or anybody could use it up.</summary>
    public NonceState Use(string nonce, uint count)
    {
        if (TimeOf(nonce) is not { } made)
            return NonceState.Foreign;

        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (made > now || now - made > lifetime)
                return NonceState.Stale;

            if (!_uses.TryGetValue(nonce, out var use))
            {
                // Its uses may have been forgotten: only a new one is known to be unused.
                if (made <= _forgottenUpTo)
                    return NonceState.Stale;

                MakeRoom(now);
                _uses[nonce] = use = new(made);
                _byFirstUse.Enqueue(nonce);
            }

            return use.TryTake(count) ? NonceState.Good : NonceState.Replayed;
        }
    }

    /// <summary>When it was made by us; null when it was not.</summary>
    private DateTimeOffset? TimeOf(string nonce)
    {
        Span<byte> bytes = stackalloc byte[HeadBytes + MacBytes];
        if (nonce.Length != Base64Url.GetEncodedLength(bytes.Length)
            || Base64Url.DecodeFromChars(nonce, bytes, out _, out var length) != OperationStatus.Done
            || length != bytes.Length
            || !CryptographicOperations.FixedTimeEquals(Mac(bytes[..HeadBytes]), bytes[HeadBytes..]))
            return null;

        return new(BinaryPrimitives.ReadInt64BigEndian(bytes), TimeSpan.Zero);
    }

    private void MakeRoom(DateTimeOffset now)
    {
        while (_byFirstUse.TryPeek(out var oldest))
        {
            var made = _uses[oldest].Made;
            var isOver = now - made > lifetime;
            if (!isOver && _uses.Count < MaxInUse)
                return;

            if (!isOver && made > _forgottenUpTo)
                _forgottenUpTo = made;
            _uses.Remove(oldest);
            _byFirstUse.Dequeue();
        }
    }

    private ReadOnlySpan<byte> Mac(ReadOnlySpan<byte> head) => HMACSHA256.HashData(_key, head).AsSpan(0, MacBytes);

    /// <summary>Counts come out of order over several connections: a window of the last ones.</summary>
    private sealed class NonceUse(DateTimeOffset made)
    {
        private uint _highest;
        private ulong _taken;

        public DateTimeOffset Made => made;

        public bool TryTake(uint count)
        {
            if (count == 0)
                return false;

            if (count > _highest)
            {
                var step = count - _highest;
                _taken = step >= Window ? 1 : (_taken << (int)step) | 1;
                _highest = count;
                return true;
            }

            var back = _highest - count;
            if (back >= Window || (_taken & (1UL << (int)back)) != 0)
                return false;

            _taken |= 1UL << (int)back;
            return true;
        }
    }
}

/// <summary>What <see cref="DigestNonces.Use"/> finds of a nonce and its count.</summary>
public enum NonceState
{
    Good,

    /// <summary>Too old, or its uses are forgotten: the client gets a new one and needs no new password.</summary>
    Stale,

    /// <summary>This count was used before.</summary>
    Replayed,

    /// <summary>Not ours, or made before we started.</summary>
    Foreign,
}
