using System.Globalization;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Digest;

/// <summary>
/// An Authorization header of Digest with qop auth, RFC 7616 3.4; the URI is empty where there is none, as in MSRP.
/// </summary>
public sealed record DigestCredentials(
    string User, string Realm, string Nonce, string Uri, string Response, bool IsSha256, string Count,
    string ClientNonce)
{
    public const int MaxLength = 4096;
    private const string Scheme = "Digest ";

    public uint CountValue => uint.Parse(Count, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public static bool TryParse(string header, out DigestCredentials credentials)
    {
        credentials = null!;
        if (header.Length > MaxLength || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;

        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in new SipList(header.AsSpan(Scheme.Length), ','))
        {
            var equals = part.IndexOf('=');
            if (equals < 0 || !values.TryAdd(part[..equals].Trim().ToString(), Unquoted(part[(equals + 1)..].Trim())))
                return false;
        }

        var algorithm = values.GetValueOrDefault("algorithm", "MD5");
        var isSha256 = algorithm.Equals("SHA-256", StringComparison.OrdinalIgnoreCase);
        var count = Get("nc");
        if ((!isSha256 && !algorithm.Equals("MD5", StringComparison.OrdinalIgnoreCase))
            || Get("qop") != "auth" || Get("userhash") == "true"
            || count.Length != 8 || !count.All(char.IsAsciiHexDigit)
            || Get("username").Length == 0 || Get("cnonce").Length == 0)
            return false;

        credentials = new(
            Get("username"), Get("realm"), Get("nonce"), Get("uri"), Get("response").ToLowerInvariant(), isSha256,
            count, Get("cnonce"));
        return true;

        string Get(string name) => values.GetValueOrDefault(name, "");
    }

    private static string Unquoted(ReadOnlySpan<char> value)
    {
        if (value.Length < 2 || value[0] != '"' || value[^1] != '"')
            return value.ToString();

        var text = value[1..^1].ToString();
        return text.Contains('\\') ? text.Replace("\\\"", "\"").Replace("\\\\", "\\") : text;
    }
}
