namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>The words of the schema of RFC 4575 8 for our enumerations: DialingOut is dialing-out.</summary>
internal static class ConferenceNames
{
    public static string Of<T>(T value)
        where T : struct, Enum =>
        Words<T>.ByValue[value];

    /// <summary>Null for a word that the schema does not know.</summary>
    public static T? Find<T>(string? word)
        where T : struct, Enum =>
        word is not null && Words<T>.ByName.TryGetValue(word.Trim(), out var value) ? value : null;

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> ByValue =
            Enum.GetValues<T>().ToDictionary(value => value, Hyphenate);

        public static readonly Dictionary<string, T> ByName = ByValue.ToDictionary(
            pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

        private static string Hyphenate(T value)
        {
            var parts = value.ToString().Select((letter, index) =>
                index > 0 && char.IsAsciiLetterUpper(letter) ? "-" + char.ToLowerInvariant(letter)
                    : char.ToLowerInvariant(letter).ToString());
            return string.Concat(parts);
        }
    }
}
