using System.Text;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// One of the 1024 parts that all aggregates are divided into; a slot has one owner among the nodes. The last two
/// characters of an id tell the slot of its aggregate.
/// </summary>
public readonly record struct Slot(int Number)
{
    public const int Count = 1024;

    private const int PerCharacter = 32;
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    /// <summary>In order.</summary>
    public static IEnumerable<Slot> All => Enumerable.Range(0, Count).Select(number => new Slot(number));

    public static Slot Of(AggregateId id) => id.Value is [.., var high, var low] && ValueOf(high) >= 0 && ValueOf(low) >= 0
        ? new(ValueOf(high) * PerCharacter + ValueOf(low))
        : OfText(id.Value);

    /// <summary>
    /// For what is to be found by a text that others know too: FNV-1a with 32 bits, modulo the number of slots. The
    /// module of Kamailio computes the same.
    /// </summary>
    public static Slot OfText(string text)
    {
        var hash = FnvOffset;
        foreach (var each in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ each) * FnvPrime;
        return new((int)(hash % Count));
    }

    /// <summary>The two characters that an id of this slot ends with.</summary>
    public string Characters => $"{Tokens.Alphabet[Number / PerCharacter]}{Tokens.Alphabet[Number % PerCharacter]}";

    public override string ToString() => Number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static int ValueOf(char character) => character switch
    {
        >= 'a' and <= 'z' => character - 'a',
        >= '2' and <= '7' => character - '2' + 26,
        _ => -1,
    };
}
