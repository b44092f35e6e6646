namespace ImSidecar.Msrp.Relay;

/// <summary>Identifiers of our own transactions, RFC 4975 9: a number in 13 characters, and back.</summary>
internal static class RelayTransaction
{
    public const int Length = 13;

    private static ReadOnlySpan<byte> Digits => "abcdefghijklmnopqrstuvwxyz234567"u8;

    public static void Write(ulong number, Span<byte> output)
    {
        for (var i = 0; i < Length; i++)
        {
            output[i] = Digits[(int)(number & 31)];
            number >>= 5;
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        if (text.Length != Length)
            return false;

        for (var i = Length - 1; i >= 0; i--)
        {
            var digit = Digit(text[i]);
            if (digit < 0 || i == Length - 1 && digit > 15)
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
}
