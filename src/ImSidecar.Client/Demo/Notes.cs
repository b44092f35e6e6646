using System.Globalization;

namespace ImSidecar.Client.Demo;

/// <summary>A few words beside an arrow: what makes this message worth looking at.</summary>
internal static class Notes
{
    private const int Longest = 60;

    public static string Of(WireMessage message)
    {
        var note = message.IsMsrp ? OfMsrp(message) : OfSip(message);
        var marked = (message.IsAgain ? "again " : "") + (message.IsMalformed ? "MALFORMED " : "") + note;
        return marked.Length > Longest ? marked[..(Longest - 3)] + "..." : marked.TrimEnd();
    }

    private static string OfSip(WireMessage message) => message.Label switch
    {
        "REGISTER" => message["sip.auth.username"] is { } user ? $"credentials of {Unquote(user)}" : "",
        "401 REGISTER" or "407 INVITE" or "407 SUBSCRIBE" => "digest challenge",
        "INVITE" => OfInvite(message),
        "200 INVITE" => Focus(message),
        "SUBSCRIBE" => $"{message["sip.Event"]}, {message["sip.Expires"]} s",
        "NOTIFY" => OfNotify(message),
        "REFER" => message["sip.Refer-To"] ?? "",
        "BYE" => message["sip.Reason"] ?? "",
        _ => message["sip.Warning"] ?? "",
    };

    private static string OfInvite(WireMessage message)
    {
        var type = message["sip.Content-Type"] ?? "";
        return type.StartsWith("multipart", StringComparison.OrdinalIgnoreCase) ? "SDP and the list of the invited"
            : type.Length > 0 ? $"{Focus(message)} SDP".Trim()
            : "no SDP";
    }

    private static string Focus(WireMessage message)
    {
        var contact = message["sip.Contact"] ?? "";
        return contact.Contains("isfocus", StringComparison.OrdinalIgnoreCase)
            ? $"focus {Shorten(message["sip.contact.user"] ?? "")}"
            : "";
    }

    private static string OfNotify(WireMessage message)
    {
        var document = message["xml.state"] is { } state
            ? $", {state} document, version {message["xml.version"]}"
            : "";
        return (message["sip.Subscription-State"] ?? "") + document;
    }

    private static string OfMsrp(WireMessage message)
    {
        if (message["msrp.content.type"] is not { } type)
            return message.Label == "SEND" ? "empty: binds the connection" : "";

        var range = message["msrp.byte.range"] ?? "";
        return type.StartsWith("message/cpim", StringComparison.OrdinalIgnoreCase)
            ? string.Create(CultureInfo.InvariantCulture, $"CPIM {range} \"{Text(message.Lines)}\"")
            : $"{type} {range}";
    }

    // Behind the second empty line, up to the end-line. The words are the demo's own.
    private static string Text(List<string> lines)
    {
        var plain = lines.Select(line => line.Replace("\\r\\n", "", StringComparison.Ordinal)).ToList();
        var first = plain.IndexOf("");
        var second = first < 0 ? -1 : plain.IndexOf("", first + 1);
        return second < 0 ? "" : string.Join(' ', plain.Skip(second + 1)
            .TakeWhile(line => !line.StartsWith("-------", StringComparison.Ordinal)));
    }

    private static string Shorten(string id) => id.Length > 14 ? id[..12] + ".." : id;

    private static string Unquote(string text) => text.Trim('"');
}
