using System.Buffers;

namespace ImSidecar.Protocol.Msrp;

/// <summary>Transaction identifier and Message-ID, RFC 4975 9: written with 13 characters, read with 1 to 64.</summary>
public static class MsrpIdent
{
    public const int MaxLength = 64;

    /// <summary>Length of what <see cref="Fresh"/> makes.</summary>
    public const int FreshLength = 13;

    private const string Digits = "abcdefghijklmnopqrstuvwxyz234567";

    private static readonly SearchValues<byte> _identChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-+%="u8);

    public static bool IsValid(ReadOnlySpan<byte> ident) =>
        ident.Length is > 0 and <= MaxLength
        && char.IsAsciiLetterOrDigit((char)ident[0])
        && !ident.ContainsAnyExcept(_identChars);

    /// <summary>A new identifier. Unique, not secret: nothing may rest on nobody guessing it.</summary>
    public static string Fresh() => string.Create(FreshLength, 0, static (chars, _) =>
    {
        // 65 bits; RFC 4975 7.1 asks for 64.
        Span<byte> bits = stackalloc byte[FreshLength];
        Random.Shared.NextBytes(bits);
        for (var i = 0; i < chars.Length; i++)
            chars[i] = Digits[bits[i] & 31];
    });

    /// <summary>A new transaction identifier whose end-line does not occur in the body it is going to end.</summary>
    public static string FreshFor(ReadOnlySpan<byte> body) => FreshFor(body, Fresh);

    internal static string FreshFor(ReadOnlySpan<byte> body, Func<string> next)
    {
        while (true)
        {
            var ident = next();
            if (!EndLine.Occurs(body, ident))
                return ident;
        }
    }
}
