using ImSidecar.Client.Commands;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Chat;

/// <summary>Addresses as people write and read them.</summary>
internal static class Address
{
    /// <summary>"bob", "bob@example.com" and "+15550100" are completed to a URI; fails in words.</summary>
    public static string Read(string text, string domain)
    {
        var word = text.Trim().Trim('<', '>');
        var uri = word.Contains(':') ? word
            : word.Contains('@') ? $"sip:{word}"
            : word.StartsWith('+') ? $"tel:{word}"
            : $"sip:{word}@{domain}";
        return SipUri.TryParse(uri, out var read) && (read.User.Length > 0 || word.Contains(':')) ? uri
            : throw new UsageException($"{PlainText.Line(text)} is no address");
    }

    /// <summary>The part that people call somebody by.</summary>
    public static string Short(string? uri) => PlainText.Line(
        SipUri.TryParse(uri ?? "", out var read) && read.User.Length > 0 ? read.User : uri ?? "somebody");
}
