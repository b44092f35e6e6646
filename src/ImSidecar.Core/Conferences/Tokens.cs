using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// Derives identifiers from the entropy of a decision; 130 bits each, so nobody guesses an MSRP session id.
/// </summary>
internal static class Tokens
{
    internal const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    public const int Length = 26;

    private static readonly SearchValues<char> _characters = SearchValues.Create(Alphabet);

    public static bool AreCharacters(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(_characters);

    public static string Derive(this Facts facts, string purpose) => Base32(Hash(facts, purpose));

    /// <summary>A positive number below 2^31, for the o= line.</summary>
    public static long DeriveNumber(this Facts facts, string purpose) =>
        BitConverter.ToUInt32(Hash(facts, purpose)) & 0x7FFFFFFF;

    /// <summary>Stands for a peer's text where only letters and digits of a known length may stand.</summary>
    public static string Digest(string text) => Base32(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static byte[] Hash(Facts facts, string purpose) =>
        HMACSHA256.HashData(facts.Entropy.Span, Encoding.UTF8.GetBytes(purpose));

    private static string Base32(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[Length];
        for (var i = 0; i < Length; i++)
        {
            var bit = i * 5;
            var pair = bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
            text[i] = Alphabet[pair >> (11 - bit % 8) & 31];
        }

        return text.ToString();
    }
}
