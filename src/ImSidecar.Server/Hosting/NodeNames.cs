using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Names of aggregates, derived with the node's secret: the same text has the same name, and nobody guesses it.
/// </summary>
internal static class NodeNames
{
    public const int Length = 26;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private static readonly SearchValues<char> _characters = SearchValues.Create(Alphabet);

    public static bool AreCharacters(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(_characters);

    /// <summary>The same, of a slot.</summary>
    public static string Name(this NodeSecret secret, string text, Slot slot) =>
        string.Concat(secret.Name(text).AsSpan(0, Length - 2), slot.Characters);

    public static string Name(this NodeSecret secret, string text)
    {
        var hash = HMACSHA256.HashData(secret.Value.Span, Encoding.UTF8.GetBytes(text));
        return string.Create(Length, hash, static (name, bytes) =>
        {
            for (var i = 0; i < name.Length; i++)
                name[i] = Alphabet[bytes[i] & 31];
        });
    }
}
