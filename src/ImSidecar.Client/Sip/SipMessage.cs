using System.Globalization;
using System.Text;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Sip;

/// <summary>A SIP request or response with its header fields in order, RFC 3261 7.</summary>
public sealed class SipMessage
{
    private readonly List<SipHeader> _headers = [];

    private SipMessage(string? method, string? uri, int status, string reason)
    {
        Method = method;
        RequestUri = uri;
        Status = status;
        Reason = reason;
    }

    /// <summary>Null in a response.</summary>
    public string? Method { get; }

    public string? RequestUri { get; set; }

    /// <summary>0 in a request.</summary>
    public int Status { get; }

    public string Reason { get; }

    /// <summary>Made by our own side because nothing came: a timeout (408) or a transport error (503).</summary>
    public bool IsLocal { get; init; }

    public ReadOnlyMemory<byte> Body { get; set; }

    public IReadOnlyList<SipHeader> Headers => _headers;

    public bool IsRequest => Method is not null;

    public bool IsProvisional => Status is >= 100 and < 200;

    public bool IsFinal => Status >= 200;

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The session description, or nothing: the body itself or its part of that type.</summary>
    public ReadOnlyMemory<byte> SdpBody => BodyPart.Find(this, "application/sdp");

    public string Text => Encoding.UTF8.GetString(Body.Span);

    public string CallId => this["Call-ID"] ?? "";

    public string? FromTag => Address("From")?.Tag;

    public string? ToTag => Address("To")?.Tag;

    public string? Branch => ViaParameter("branch");

    public NameAddress? Contact => Address("Contact");

    public uint CSeq =>
        uint.TryParse(CSeqPart(0), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    public string CSeqMethod => CSeqPart(1);

    /// <summary>The first value under that name, as written.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var header in _headers)
                if (Is(header, name))
                    return header.Value;

            return null;
        }
    }

    public static SipMessage Request(string method, string uri) => new(method, uri, 0, "");

    public static SipMessage Response(int status, string? reason = null) =>
        new(null, null, status, reason ?? ReasonPhrase.Of(status));

    /// <summary>An answer made by our own side to a request that got none.</summary>
    public static SipMessage Local(SipMessage request, int status, string reason)
    {
        var response = new SipMessage(null, null, status, reason) { IsLocal = true };
        foreach (var name in (string[])["Via", "From", "To", "Call-ID", "CSeq"])
            response.CopyFrom(request, name);

        return response;
    }

    /// <summary>Every value under that name, comma lists taken apart, RFC 3261 7.3.1.</summary>
    public IReadOnlyList<string> List(string name) =>
        [.. _headers.Where(header => Is(header, name)).SelectMany(header => Split(header.Value, ','))];

    /// <summary>Whether a comma list such as Supported or Require holds that token.</summary>
    public bool Lists(string name, string token) => List(name).Contains(token, StringComparer.OrdinalIgnoreCase);

    public int Count(string name) => _headers.Count(header => Is(header, name));

    public SipMessage Add(string name, string value)
    {
        _headers.Add(new(CompactForm.Expand(name), value));
        return this;
    }

    public SipMessage AddFirst(string name, string value)
    {
        _headers.Insert(0, new(name, value));
        return this;
    }

    public SipMessage Set(string name, string value)
    {
        var at = _headers.FindIndex(header => Is(header, name));
        if (at < 0)
            return Add(name, value);

        _headers[at] = new(name, value);
        return this;
    }

    public SipMessage Remove(string name)
    {
        _headers.RemoveAll(header => Is(header, name));
        return this;
    }

    public SipMessage CopyFrom(SipMessage other, string name)
    {
        _headers.AddRange(other._headers.Where(header => Is(header, name)));
        return this;
    }

    public SipMessage WithBody(string contentType, ReadOnlyMemory<byte> body)
    {
        Body = body;
        return Set("Content-Type", contentType);
    }

    /// <summary>A copy that may be changed and sent again.</summary>
    public SipMessage Clone()
    {
        var copy = new SipMessage(Method, RequestUri, Status, Reason) { Body = Body };
        copy._headers.AddRange(_headers);
        return copy;
    }

    /// <summary>The start line: never headers or a body, fit for a log.</summary>
    public override string ToString() =>
        IsRequest ? $"{Method} {RequestUri}" : $"{Status} {Reason} ({CSeqMethod})";

    /// <summary>The first address under that name (From, Contact ...), or null if there is none to read.</summary>
    public NameAddress? Address(string name) =>
        List(name) is [var first, ..] && NameAddress.TryParse(first, out var address) ? address : null;

    /// <summary>A parameter of the topmost Via.</summary>
    public string? ViaParameter(string name) => List("Via") is [var via, ..] ? Parameter(via, name) : null;

    /// <summary>A parameter behind the first token of a header value such as Event or Subscription-State.</summary>
    public static string? Parameter(string value, string name)
    {
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        return semicolon < 0 ? null : SipParameters.Find(value.AsSpan(semicolon), name);
    }

    private static bool Is(SipHeader header, string name) =>
        header.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static List<string> Split(string value, char separator)
    {
        var parts = new List<string>();
        foreach (var part in new SipList(value, separator))
            parts.Add(part.ToString());

        return parts;
    }

    private string CSeqPart(int index)
    {
        var parts = (this["CSeq"] ?? "").Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2 ? parts[index] : "";
    }
}
