using System.Collections.Immutable;
using System.Globalization;

namespace ImSidecar.Core.Participating;

/// <summary>The message parameter of the deferred-messaging URI: numbers of kept messages with commas between.</summary>
public static class MessageNumbers
{
    public const int Most = 100;

    /// <summary>False for what names none, or too many.</summary>
    public static bool TryParse(string? text, out ImmutableArray<long> numbers)
    {
        numbers = [];
        if (string.IsNullOrEmpty(text))
            return false;

        // No comma may stand in a URI parameter as it is, RFC 3261 25.1; it is read all the same.
        var words = Uri.UnescapeDataString(text).Split(',', Most + 1);
        if (words.Length > Most)
            return false;

        var read = ImmutableArray.CreateBuilder<long>(words.Length);
        foreach (var word in words)
        {
            if (!long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
                return false;

            read.Add(number);
        }

        numbers = [.. read.Distinct()];
        return true;
    }
}
