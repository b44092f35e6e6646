using System.Security.Cryptography;

namespace ImSidecar.Msrp.Relay;

/// <summary>
/// Identifiers of our own transactions, RFC 4975 9: a secret that no body can hold, and the place of the transaction
/// among those of its connection. Nobody can guess 64 bits, so no body has to be searched for its end-line.
/// </summary>
internal readonly record struct RelayTransaction(ulong Secret, uint Place)
{
    public const int Length = SecretLength + PlaceLength;

    private const int SecretLength = 13;
    private const int PlaceLength = 7;

    private static ReadOnlySpan<byte> Digits => "abcdefghijklmnopqrstuvwxyz234567"u8;

    public void WriteTo(Span<byte> output)
    {
        Write(Secret, output[..SecretLength]);
        Write(Place, output.Slice(SecretLength, PlaceLength));
    }

    public static bool TryRead(ReadOnlySpan<byte> text, out RelayTransaction transaction)
    {
        transaction = default;
        if (text.Length != Length || !TryRead(text[..SecretLength], out var secret, 15)
            || !TryRead(text[SecretLength..], out var place, 3))
            return false;

        transaction = new(secret, (uint)place);
        return true;
    }

    private static void Write(ulong number, Span<byte> output)
    {
        foreach (ref var digit in output)
        {
            digit = Digits[(int)(number & 31)];
            number >>= 5;
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out ulong number, int mostOfLast)
    {
        number = 0;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            var digit = Digit(text[i]);
            if (digit < 0 || i == text.Length - 1 && digit > mostOfLast)
                return false;

            number = (number << 5) | (uint)digit;
        }

        return true;
    }

    private static int Digit(byte c) => c switch
    {
        >= (byte)'a' and <= (byte)'z' => c - 'a',
        >= (byte)'2' and <= (byte)'7' => c - '2' + 26,
        _ => -1,
    };

    /// <summary>Secrets, a few at once. Not thread-safe.</summary>
    internal sealed class Secrets
    {
        private const int AtOnce = 64;

        private readonly byte[] _bytes = new byte[AtOnce * sizeof(ulong)];
        private int _used = AtOnce;

        public ulong Next()
        {
            if (_used == AtOnce)
            {
                RandomNumberGenerator.Fill(_bytes);
                _used = 0;
            }

            return BitConverter.ToUInt64(_bytes, _used++ * sizeof(ulong));
        }
    }
}
