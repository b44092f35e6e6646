namespace ImSidecar.Client.Chat;

/// <summary>A line that a person typed: a command, or a text with an empty verb; "//" begins a text with "/".</summary>
internal readonly record struct ChatInput(string Verb, string Rest)
{
    public static ChatInput Read(string line)
    {
        if (!line.StartsWith('/'))
            return new("", line.TrimEnd('\r'));

        if (line.StartsWith("//", StringComparison.Ordinal))
            return new("", line[1..].TrimEnd('\r'));

        var words = line[1..].Split((char[]?)null, 2, StringSplitOptions.TrimEntries);
        return new(words[0].ToLowerInvariant(), words.Length > 1 ? words[1] : "");
    }

    /// <summary>The first word, and what follows it.</summary>
    public (string First, string Others) Split()
    {
        var words = Rest.Split((char[]?)null, 2, StringSplitOptions.TrimEntries);
        return (words[0], words.Length > 1 ? words[1] : "");
    }
}
