namespace ImSidecar.Protocol.Sip;

/// <summary>
/// Puts right what some clients write in place of a URI: no scheme, or blanks behind it; RFC 3261 19.1.1.
/// </summary>
public static class LenientUri
{
    /// <summary>What may be a URI with scheme and without blanks; anything else as it was.</summary>
    public static string Repair(string text)
    {
        var uri = text.Replace(" ", "", StringComparison.Ordinal);
        var at = uri.IndexOf('@', StringComparison.Ordinal);

        // A colon behind the "@" is that of a port.
        return at > 0 && !uri.AsSpan(0, at).Contains(':') ? "sip:" + uri : uri;
    }

    /// <summary>The same for the URI of a From or To value.</summary>
    public static string RepairAddress(string text)
    {
        var open = text.LastIndexOf('<');
        var close = text.LastIndexOf('>');
        if (open >= 0)
            return close > open ? text[..(open + 1)] + Repair(text[(open + 1)..close]) + text[close..] : text;

        var semicolon = text.IndexOf(';', StringComparison.Ordinal);
        return semicolon < 0 ? Repair(text) : Repair(text[..semicolon]) + text[semicolon..];
    }
}
