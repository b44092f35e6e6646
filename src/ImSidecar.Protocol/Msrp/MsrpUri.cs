using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ImSidecar.Protocol.Msrp;

/// <summary>msrp: or msrps: URI, RFC 4975 6; equality is that of 6.1, the text is kept as it was read.</summary>
public sealed class MsrpUri : IEquatable<MsrpUri>
{
    public const int DefaultPort = 2855;
    public const int MaxLength = 1024;
    public const int MaxPathUris = 16;

    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    private static readonly SearchValues<char> UserInfoChars = SearchValues.Create(Unreserved + "!$&'()*+,;=:%");
    private static readonly SearchValues<char> HostChars = SearchValues.Create(Unreserved);
    private static readonly SearchValues<char> SessionIdChars = SearchValues.Create(Unreserved + "+=/");
    private static readonly SearchValues<char> ParameterChars = SearchValues.Create(Unreserved + "!%*`'+=");

    private readonly string _text;

    public MsrpUri(string host, int? port, string? sessionId, string transport = "tcp", bool isSecure = false)
        : this(isSecure, host, port, sessionId, transport, [], Write(isSecure, host, port, sessionId, transport))
    {
        if (!TryParse(_text, out _))
            throw new ArgumentException("Not an MSRP URI: " + _text, nameof(host));
    }

    private MsrpUri(
        bool isSecure, string host, int? port, string? sessionId, string transport,
        ImmutableArray<string> parameters, string text)
    {
        IsSecure = isSecure;
        Host = host;
        Port = port;
        SessionId = sessionId;
        Transport = transport;
        Parameters = parameters;
        _text = text;
    }

    /// <summary>True for msrps.</summary>
    public bool IsSecure { get; }

    /// <summary>Name or address; an IPv6 address is without its brackets.</summary>
    public string Host { get; }

    /// <summary>The port as written; null when the URI has none.</summary>
    public int? Port { get; }

    /// <summary>The port to connect to.</summary>
    public int EffectivePort => Port ?? DefaultPort;

    /// <summary>Null when the URI has none, as a relay's may.</summary>
    public string? SessionId { get; }

    public string Transport { get; }

    /// <summary>What follows the transport, each as written: <c>name</c> or <c>name=value</c>.</summary>
    public ImmutableArray<string> Parameters { get; }

    public static bool TryParse(ReadOnlySpan<byte> field, out MsrpUri uri)
    {
        Span<char> chars = stackalloc char[MaxLength];
        uri = null!;

        if (field.Length > MaxLength || Ascii.ToUtf16(field, chars, out var written) != OperationStatus.Done)
            return false;

        return TryParse(chars[..written], out uri);
    }

    public static bool TryParse(ReadOnlySpan<char> field, out MsrpUri uri)
    {
        uri = null!;
        if (field.Length > MaxLength || !TryTakeScheme(field, out var isSecure, out var rest))
            return false;

        var slash = rest.IndexOf('/');
        var at = (slash < 0 ? rest : rest[..slash]).IndexOf('@');
        if (at >= 0 && rest[..at].ContainsAnyExcept(UserInfoChars))
            return false;

        rest = rest[(at + 1)..];
        var authorityEnd = rest.IndexOfAny('/', ';');
        if (authorityEnd < 0 || !TryParseAuthority(rest[..authorityEnd], out var host, out var port))
            return false;

        string? sessionId = null;
        rest = rest[authorityEnd..];
        if (rest[0] == '/')
        {
            var idEnd = rest.IndexOf(';');
            if (idEnd < 2 || rest[1..idEnd].ContainsAnyExcept(SessionIdChars))
                return false;

            sessionId = rest[1..idEnd].ToString();
            rest = rest[idEnd..];
        }

        if (!TryParseParameters(rest[1..], out var transport, out var parameters))
            return false;

        uri = new(isSecure, host, port, sessionId, transport, parameters, field.ToString());
        return true;
    }

    /// <summary>A list of URIs with single blanks between, as in To-Path, From-Path and a=path.</summary>
    public static bool TryParsePath(ReadOnlySpan<byte> field, out ImmutableArray<MsrpUri> path)
    {
        var uris = ImmutableArray.CreateBuilder<MsrpUri>(1);
        path = [];

        foreach (var range in field.Split((byte)' '))
        {
            if (field[range].IsEmpty)
                continue;

            if (uris.Count == MaxPathUris || !TryParse(field[range], out var uri))
                return false;

            uris.Add(uri);
        }

        path = uris.DrainToImmutable();
        return path.Length > 0;
    }

    public bool Equals(MsrpUri? other) =>
        other is not null
        && IsSecure == other.IsSecure
        && Port == other.Port
        && string.Equals(SessionId, other.SessionId, StringComparison.Ordinal)
        && string.Equals(Host, other.Host, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Transport, other.Transport, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => Equals(obj as MsrpUri);

    public override int GetHashCode() =>
        HashCode.Combine(IsSecure, Port, SessionId, Host.GetHashCode(StringComparison.OrdinalIgnoreCase));

    public static bool operator ==(MsrpUri? left, MsrpUri? right) => Equals(left, right);

    public static bool operator !=(MsrpUri? left, MsrpUri? right) => !Equals(left, right);

    public override string ToString() => _text;

    private static string Write(bool isSecure, string host, int? port, string? sessionId, string transport)
    {
        var scheme = isSecure ? "msrps" : "msrp";
        var authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        var portPart = port is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : "";
        return $"{scheme}://{authority}{portPart}{(sessionId is null ? "" : "/" + sessionId)};{transport}";
    }

    private static bool TryTakeScheme(ReadOnlySpan<char> field, out bool isSecure, out ReadOnlySpan<char> rest)
    {
        isSecure = field.StartsWith("msrps://", StringComparison.OrdinalIgnoreCase);
        var isMsrp = isSecure || field.StartsWith("msrp://", StringComparison.OrdinalIgnoreCase);
        rest = !isMsrp ? [] : isSecure ? field[8..] : field[7..];
        return isMsrp;
    }

    private static bool TryParseAuthority(ReadOnlySpan<char> authority, out string host, out int? port)
    {
        host = "";
        port = null;
        var hostEnd = authority.StartsWith('[') ? authority.IndexOf(']') + 1 : authority.IndexOf(':');
        if (hostEnd < 0)
            hostEnd = authority.Length;

        var portPart = authority[hostEnd..];
        if (!TryParseHost(authority[..hostEnd], out host))
            return false;

        if (portPart.IsEmpty)
            return true;

        if (portPart[0] != ':' || portPart.Length > 6
            || !int.TryParse(portPart[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number > ushort.MaxValue)
            return false;

        port = number;
        return true;
    }

    private static bool TryParseHost(ReadOnlySpan<char> written, out string host)
    {
        host = "";
        if (written.StartsWith('['))
        {
            // Written in its one canonical form, so that equal addresses are equal strings.
            if (written[1..^1].Contains('%') || !IPAddress.TryParse(written[1..^1], out var address)
                || address.AddressFamily != AddressFamily.InterNetworkV6)
                return false;

            host = address.ToString();
            return true;
        }

        host = written.Contains('%') ? Uri.UnescapeDataString(written) : written.ToString();
        return host.Length is > 0 and <= 255 && !host.AsSpan().ContainsAnyExcept(HostChars);
    }

    private static bool TryParseParameters(
        ReadOnlySpan<char> field, out string transport, out ImmutableArray<string> parameters)
    {
        var all = field.ToString().Split(';');
        transport = all[0];
        parameters = ImmutableArray.Create(all, 1, all.Length - 1);
        return transport.Length > 0 && transport.All(char.IsAsciiLetterOrDigit)
            && parameters.All(each => each.Length > 0 && !each.AsSpan().ContainsAnyExcept(ParameterChars));
    }
}
