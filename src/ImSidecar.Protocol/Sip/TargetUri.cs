namespace ImSidecar.Protocol.Sip;

/// <summary>
/// A URI that tells us to send a request, RFC 3261 19.1.5: to whom, by which method (also RFC 5368), and with which
/// Replaces. What else is embedded is no instruction we follow.
/// </summary>
public sealed record TargetUri(SipUri Address, string Method, Replaces? Replaces)
{
    /// <summary>Of the URI as it was written: without its parameters a number in a SIP URI is a name.</summary>
    public string PersonKey { get; init; } = Address.PersonKey;

    /// <summary>The message parameter of the URI; null: it has none.</summary>
    public string? Messages { get; init; }

    /// <summary>
    /// A header that is named with a colon, or not escaped, is read too: nothing else can be meant. Only a lenient
    /// reader takes an address without scheme or with blanks. The problem holds nothing of the text.
    /// </summary>
    public static bool TryParse(string text, bool isLenient, out TargetUri target, out string problem)
    {
        target = null!;
        problem = "malformed URI";
        if (text.Length > SipUri.MaxLength)
            return false;

        // A user part may hold a "?" too.
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var question = text.IndexOf('?', at < 0 ? 0 : at);
        var address = question < 0 ? text : text[..question];
        if (!SipUri.TryParse(isLenient ? LenientUri.Repair(address) : address, out var uri))
            return false;

        Replaces? replaces = null;
        string? method = null;
        if (question >= 0 && !TryReadHeaders(text[(question + 1)..], out replaces, out method, out problem))
            return false;

        target = new(uri.Bare, (uri.Parameter("method") ?? method ?? "INVITE").ToUpperInvariant(), replaces)
        {
            PersonKey = uri.PersonKey,
            Messages = uri.Parameter("message"),
        };
        problem = "";
        return true;
    }

    private static bool TryReadHeaders(
        string headers, out Replaces? replaces, out string? method, out string problem)
    {
        replaces = null;
        method = null;
        problem = "";
        foreach (var header in headers.Split('&'))
        {
            var separator = header.AsSpan().IndexOfAny('=', ':');
            var name = Uri.UnescapeDataString(separator < 0 ? header : header[..separator]).Trim();
            // RFC 5368 writes the method so.
            if (name.Equals("method", StringComparison.OrdinalIgnoreCase) && separator >= 0)
                method ??= header[(separator + 1)..].Trim();
            if (!name.Equals(Replaces.Name, StringComparison.OrdinalIgnoreCase))
                continue;

            problem = replaces is null ? "malformed Replaces" : "second Replaces for one user";
            if (replaces is not null || separator < 0
                || !Replaces.TryParse(Uri.UnescapeDataString(header[(separator + 1)..]), out replaces))
                return false;

            problem = "";
        }

        return true;
    }
}
