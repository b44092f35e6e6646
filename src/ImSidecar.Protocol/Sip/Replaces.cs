using System.Buffers;

namespace ImSidecar.Protocol.Sip;

/// <summary>
/// A Replaces header field, RFC 3891 6.1: the dialog to be given up, as the one who receives it sees the tags.
/// </summary>
public sealed record Replaces(string CallId, string ToTag, string FromTag, bool EarlyOnly = false)
{
    public const string Name = "Replaces";

    /// <summary>The option tag of Require and Supported.</summary>
    public const string Extension = "replaces";

    private const int MaxCallId = 256;
    private const int MaxTag = 128;
    private const int MaxLength = 1024;

    private const string LettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly SearchValues<char> _word =
        SearchValues.Create(LettersAndDigits + "-.!%*_+`'~()<>:\\\"/[]?{}");

    private static readonly SearchValues<char> _token = SearchValues.Create(LettersAndDigits + "-.!%*_+`'~");

    /// <summary>The same as a header of a URI, RFC 3261 19.1.1.</summary>
    public string Embedded => Name + "=" + Uri.EscapeDataString(ToString());

    /// <summary>Blanks around separators are skipped, parameters that are none of ours too.</summary>
    public static bool TryParse(string text, out Replaces replaces)
    {
        replaces = null!;
        if (text.Length > MaxLength)
            return false;

        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        string? toTag = null, fromTag = null;
        var earlyOnly = false;
        foreach (var part in parts.AsSpan(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var value = equals < 0 ? "" : part[(equals + 1)..].Trim();
            var isTaken = (equals < 0 ? part : part[..equals]).TrimEnd().ToLowerInvariant() switch
            {
                "to-tag" => TryTake(value, ref toTag),
                "from-tag" => TryTake(value, ref fromTag),
                "early-only" => earlyOnly = equals < 0,
                _ => true,
            };
            if (!isTaken)
                return false;
        }

        if (toTag is null || fromTag is null || !IsCallId(parts[0]))
            return false;

        replaces = new(parts[0], toTag, fromTag, earlyOnly);
        return true;
    }

    public override string ToString() =>
        $"{CallId};to-tag={ToTag};from-tag={FromTag}" + (EarlyOnly ? ";early-only" : "");

    private static bool TryTake(string value, ref string? tag)
    {
        if (tag is not null || value.Length is 0 or > MaxTag || value.AsSpan().ContainsAnyExcept(_token))
            return false;

        tag = value;
        return true;
    }

    private static bool IsCallId(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return text.Length <= MaxCallId
            && (at < 0 ? IsWord(text) : IsWord(text.AsSpan(0, at)) && IsWord(text.AsSpan(at + 1)));
    }

    private static bool IsWord(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(_word);
}
