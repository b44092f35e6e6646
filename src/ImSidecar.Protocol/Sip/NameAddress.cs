using System.Buffers;

namespace ImSidecar.Protocol.Sip;

/// <summary>
/// A name-addr or addr-spec with its header parameters (From, To, Contact, Route ...), RFC 3261 20.10.
/// </summary>
public sealed record NameAddress(SipUri Uri, string? DisplayName = null, string Parameters = "")
{
    // RFC 3261 25.1: none stands in a quoted string; HTAB is white space.
    private static readonly SearchValues<char> _controls =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7F).Where(c => c != '\t').Select(c => (char)c)]);

    public string? Tag => Parameter("tag");

    /// <summary>The value of a header parameter, "" for one without value, null when absent.</summary>
    public string? Parameter(string name) => SipParameters.Find(Parameters, name);

    public static bool TryParse(ReadOnlySpan<char> text, out NameAddress address)
    {
        address = null!;
        text = text.Trim();
        if (text.ContainsAny(_controls))
            return false;

        var open = OpenBracket(text);
        if (open < 0)
            return TryParseBare(text, out address);

        var close = text[open..].IndexOf('>');
        if (close < 0)
            return false;

        close += open;
        var tail = text[(close + 1)..].Trim();
        if ((!tail.IsEmpty && tail[0] != ';') || !SipUri.TryParse(text[(open + 1)..close], out var uri))
            return false;

        var name = text[..open].Trim();
        if (!IsDisplayName(name))
            return false;

        address = new(uri, name.IsEmpty ? null : NullIfEmpty(SipParameters.Unquote(name)), tail.ToString());
        return true;
    }

    // Without brackets every parameter belongs to the header, RFC 3261 20.
    private static bool TryParseBare(ReadOnlySpan<char> text, out NameAddress address)
    {
        address = null!;
        var semicolon = text.IndexOf(';');
        var spec = semicolon < 0 ? text : text[..semicolon];
        if (spec.Contains('?') || !SipUri.TryParse(spec, out var uri))
            return false;

        address = new(uri, null, semicolon < 0 ? "" : text[semicolon..].ToString());
        return true;
    }

    private static int OpenBracket(ReadOnlySpan<char> text)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = !quoted;
            else if (!quoted && text[i] == '<')
                return i;
        }

        return -1;
    }

    private static bool IsDisplayName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty)
            return true;

        if (name[0] == '"')
            return EndOfQuotes(name) == name.Length - 1;

        return !name.ContainsAny("\",;<>");
    }

    private static int EndOfQuotes(ReadOnlySpan<char> name)
    {
        for (var i = 1; i < name.Length; i++)
        {
            if (name[i] == '\\')
                i++;
            else if (name[i] == '"')
                return i;
        }

        return -1;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    public override string ToString() =>
        (DisplayName is null ? "" : SipParameters.Quote(DisplayName) + " ") + "<" + Uri + ">" + Parameters;
}
