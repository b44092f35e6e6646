using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ImSidecar.Protocol.Sip;

/// <summary>A sip, sips or tel URI, RFC 3261 19.1 and RFC 3966; total parsing, writes what it read.</summary>
public sealed class SipUri : IEquatable<SipUri>
{
    public const int MaxLength = 2048;

    private const string Delimiters = "<>\"";

    private static readonly SearchValues<char> _phoneDigits = SearchValues.Create("+0123456789abcdefABCDEF*#-.()");

    private SipUri(string text) => Text = text;

    /// <summary>The URI as it was read.</summary>
    public string Text { get; }

    public required string Scheme { get; init; }

    /// <summary>User part as written (escapes kept); the number for tel; empty when absent.</summary>
    public required string User { get; init; }

    /// <summary>Host as written, IPv6 in brackets; empty for tel.</summary>
    public required string Host { get; init; }

    public int? Port { get; init; }

    /// <summary>Parameters with their leading semicolon, or empty.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>Headers behind the question mark, without it, or empty.</summary>
    public string Headers { get; init; } = "";

    /// <summary>
    /// What makes two URIs the same user: user and host in canonical form, no port, parameter or header.
    /// </summary>
    public string AddressKey => field ??= Scheme == "tel"
        ? "tel:" + Digits(User)
        : "sip:" + Unescape(UserWithoutPassword) + "@" + Host.ToLowerInvariant().TrimEnd('.');

    /// <summary>
    /// What makes two URIs the same person for the rules of XDM: a global number is the same in a tel URI and in a
    /// SIP URI with user=phone of whatever host; otherwise the address key.
    /// </summary>
    public string PersonKey => field ??= GlobalNumber is { } number ? "tel:" + number : AddressKey;

    private string? GlobalNumber
    {
        get
        {
            var isPhone = Scheme == "tel"
                || string.Equals(Parameter("user"), "phone", StringComparison.OrdinalIgnoreCase);
            var user = isPhone ? Unescape(UserWithoutPassword) : "";
            var semicolon = user.IndexOf(';');
            var number = Digits(semicolon < 0 ? user : user[..semicolon]);
            return number.Length > 1 && number[0] == '+' && !number.AsSpan(1).ContainsAnyExceptInRange('0', '9')
                ? number : null;
        }
    }

    private string UserWithoutPassword
    {
        get
        {
            var colon = User.IndexOf(':');
            return colon < 0 ? User : User[..colon];
        }
    }

    /// <summary>
    /// The URI without password, parameters and headers: what a Request-URI or an entity attribute shows of a user.
    /// That it is a global number, user=phone, stays: without it he would be somebody else.
    /// </summary>
    public SipUri Bare => Parameters.Length == 0 && Headers.Length == 0 && UserWithoutPassword == User ? this
        : Scheme == "tel" ? new("tel:" + User) { Scheme = Scheme, User = User, Host = "" }
        : GlobalNumber is null ? Of(Scheme, UserWithoutPassword, Host, Port)
        : Of(Scheme, UserWithoutPassword, Host, Port).AsPhone();

    public static SipUri Of(string scheme, string user, string host, int? port = null) =>
        new(scheme + ":" + (user.Length == 0 ? "" : user + "@") + host + (port is { } p ? ":" + p : ""))
        {
            Scheme = scheme,
            User = user,
            Host = host,
            Port = port,
        };

    private SipUri AsPhone() => new(Text + ";user=phone")
    {
        Scheme = Scheme,
        User = User,
        Host = Host,
        Port = Port,
        Parameters = ";user=phone",
    };

    public static bool TryParse(ReadOnlySpan<char> text, out SipUri uri)
    {
        uri = null!;
        text = text.Trim();
        var colon = text.IndexOf(':');
        if (text.Length > MaxLength || colon <= 0
            || text.ContainsAnyExceptInRange('!', '~') || text.ContainsAny(Delimiters))
            return false;

        var scheme = text[..colon].ToString().ToLowerInvariant();
        return scheme switch
        {
            "sip" or "sips" => TryParseSip(text, scheme, text[(colon + 1)..], out uri),
            "tel" => TryParseTel(text, text[(colon + 1)..], out uri),
            _ => false,
        };
    }

    private static bool TryParseTel(ReadOnlySpan<char> text, ReadOnlySpan<char> rest, out SipUri uri)
    {
        uri = null!;
        var semicolon = rest.IndexOf(';');
        var number = semicolon < 0 ? rest : rest[..semicolon];
        if (!number.ContainsAnyInRange('0', '9') || number.ContainsAnyExcept(_phoneDigits))
            return false;

        uri = new(text.ToString())
        {
            Scheme = "tel",
            User = number.ToString(),
            Host = "",
            Parameters = semicolon < 0 ? "" : rest[semicolon..].ToString(),
        };
        return true;
    }

    private static bool TryParseSip(ReadOnlySpan<char> text, string scheme, ReadOnlySpan<char> rest, out SipUri uri)
    {
        uri = null!;
        var headers = "";
        // The user part may hold "?" and ";", so look for them behind the "@" only.
        var at = rest.IndexOf('@');
        var user = at < 0 ? "" : rest[..at].ToString();
        var host = at < 0 ? rest : rest[(at + 1)..];

        var question = host.IndexOf('?');
        if (question >= 0)
        {
            headers = host[(question + 1)..].ToString();
            host = host[..question];
        }

        var semicolon = host.IndexOf(';');
        var parameters = semicolon < 0 ? "" : host[semicolon..].ToString();
        if (semicolon >= 0)
            host = host[..semicolon];

        if (at == 0 || !HasValidEscapes(user) || !TrySplitPort(host, out var name, out var port) || !IsHost(name))
            return false;

        uri = new(text.ToString())
        {
            Scheme = scheme,
            User = user,
            Host = name.ToString(),
            Port = port,
            Parameters = parameters,
            Headers = headers,
        };
        return true;
    }

    private static bool TrySplitPort(ReadOnlySpan<char> text, out ReadOnlySpan<char> host, out int? port)
    {
        host = text;
        port = null;
        var bracket = text.LastIndexOf(']');
        var colon = text[(bracket + 1)..].IndexOf(':');
        if (colon < 0)
            return true;

        host = text[..(bracket + 1 + colon)];
        if (!ushort.TryParse(text[(bracket + 2 + colon)..], NumberStyles.None, null, out var number)
            || number == 0)
            return false;

        port = number;
        return true;
    }

    private static bool IsHost(ReadOnlySpan<char> host)
    {
        if (host.IsEmpty)
            return false;

        if (host[0] == '[')
            return host[^1] == ']' && IPAddress.TryParse(host[1..^1], out var address)
                && address.AddressFamily == AddressFamily.InterNetworkV6;

        foreach (var c in host)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_'))
                return false;
        }

        return true;
    }

    private static bool HasValidEscapes(string user)
    {
        for (var i = 0; i < user.Length; i++)
        {
            if (user[i] == '@')
                return false;
            if (user[i] == '%'
                && (i + 2 >= user.Length || !char.IsAsciiHexDigit(user[i + 1]) || !char.IsAsciiHexDigit(user[i + 2])))
                return false;
        }

        return true;
    }

    private static string Unescape(string user) => user.Contains('%') ? Uri.UnescapeDataString(user) : user;

    private static string Digits(string number)
    {
        var digits = new StringBuilder(number.Length);
        foreach (var c in number)
        {
            if (c is not ('-' or '.' or '(' or ')'))
                digits.Append(char.ToLowerInvariant(c));
        }

        return digits.ToString();
    }

    /// <summary>The value of a URI parameter, "" for one without value, null when absent.</summary>
    public string? Parameter(string name) => SipParameters.Find(Parameters, name);

    public bool SameAddress(SipUri other) => AddressKey == other.AddressKey;

    /// <summary>The same user, IM 5.1: the same address, or the same global number in another one.</summary>
    public bool SamePerson(SipUri other) => AddressKey == other.AddressKey || PersonKey == other.PersonKey;

    public bool Equals(SipUri? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as SipUri);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
