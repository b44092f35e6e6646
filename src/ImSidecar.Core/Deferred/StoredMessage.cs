using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Deferred;

/// <summary>
/// Writes what is kept of a message, which is what will be pushed; App. D.2 A step 8. Fields stay as they came, in
/// their order; what only hops use is left out, and the time of reception is put in. Of who hides nothing is kept.
/// </summary>
public static class StoredMessage
{
    // Credentials, routes, preferences and what an operator's network tells itself.
    private static readonly ImmutableHashSet<string> _ofHops = Names(
        "Route", "Record-Route", "Authorization", "Proxy-Authorization", "Proxy-Require", "P-Preferred-Identity",
        "P-Access-Network-Info", "P-Visited-Network-ID", "P-Served-User", "P-User-Database", "Path",
        "Accept-Contact", "Reject-Contact", "Request-Disposition", "Security-Client", "Security-Verify");

    private static readonly ImmutableHashSet<string> _ofWhoHides = Names(
        "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Date", "Subject", "Priority", "In-Reply-To", "Expires",
        "Privacy", "Require", "Supported", "Accept-Language", "Conversation-ID", "Contribution-ID", "MIME-Version",
        "Content-Type", "Content-Encoding", "Content-Disposition", "Content-Language", "Content-Length");

    /// <summary>A SIP MESSAGE. Of Via the sender's own stays; without it, it is whole no more.</summary>
    public static ReadOnlyMemory<byte> OfMessage(
        ImRequest request, ReadOnlyMemory<byte> body, DateTimeOffset receivedAt, bool isAnonymous)
    {
        var headers = WithIdentity(request);
        var hidden = isAnonymous ? HiddenSender.Of(request) : null;
        if (hidden is not null)
            body = hidden.Hide(headers.First("Content-Type") ?? "", body);

        // IM D.2/A8-c, IM D.2/A8-d
        var fields = new List<SipHeader>();
        foreach (var field in headers)
        {
            var name = CompactForm.Expand(field.Name);
            if (IsKept(name, field.Value, hidden))
                fields.Add(hidden is null ? field : Hidden(name, field));
        }

        if (hidden is null && headers.Values("Via") is [.., var own])
            fields.Insert(0, new("Via", own));

        // IM D.2/A8-a
        fields.InsertRange(BehindCallId(fields), Received(headers, receivedAt));
        SetLength(fields, body.Length);
        return Write(request, fields, body.Span);
    }

    /// <summary>What the INVITE of a session says of it: enough to know who spoke with whom, and how.</summary>
    /// <param name="offer">Its session description; empty: none.</param>
    public static ReadOnlyMemory<byte> OfInvite(
        ImRequest request, ReadOnlyMemory<byte> offer, DateTimeOffset receivedAt, bool isAnonymous)
    {
        var headers = WithIdentity(request);
        var hidden = isAnonymous ? HiddenSender.Of(request) : null;
        // IM D.2/A8-d
        var fields = new List<SipHeader>();
        Add("From", "To", "Call-ID", "P-Asserted-Identity");
        fields.AddRange(Received(headers, receivedAt));
        Add("Date", "Subject", "Referred-By");

        // An offer names the machine that it comes from.
        if (hidden is not null || offer.IsEmpty)
            return Write(request, fields, []);

        fields.Add(new("Content-Type", "application/sdp"));
        SetLength(fields, offer.Length);
        return Write(request, fields, offer.Span);

        void Add(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                foreach (var field in headers)
                {
                    if (CompactForm.Expand(field.Name).Equals(name, StringComparison.OrdinalIgnoreCase)
                        && IsKept(name, field.Value, hidden))
                        fields.Add(hidden is null ? new(name, field.Value) : Hidden(name, new(name, field.Value)));
                }
            }
        }
    }

    /// <summary>An MSRP SEND as one chunk, whatever it came in.</summary>
    /// <param name="head">Start line and header fields of its first chunk, as they came.</param>
    public static ReadOnlyMemory<byte> OfSend(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> body, DateTimeOffset receivedAt, HiddenSender? hidden = null)
    {
        var (kept, type, isDated) = Read(head.Span, hidden);
        if (hidden is not null)
            body = hidden.Hide(type, body);

        return MessageMsrp.Write(
            kept, body.Span, new SipHeader(isDated ? DeferredItem.ReceivedField : "Date", SipDate.Write(receivedAt)));
    }

    // Whom the edge knows by his password nobody has asserted yet.
    private static SipHeaders WithIdentity(ImRequest request)
    {
        const string name = "P-Asserted-Identity";
        if (request.Head.Identities.IsEmpty || request.Headers.First(name) is not null)
            return request.Headers;

        var fields = request.Headers.ToList();
        fields.Insert(BehindCallId(fields), new(name, string.Join(", ", request.Head.Identities)));
        return new([.. fields]);
    }

    // Line by line, for each is kept as it came or not at all.
    private static (byte[] Head, string Type, bool IsDated) Read(ReadOnlySpan<byte> head, HiddenSender? hidden)
    {
        var kept = new StringBuilder(head.Length);
        var (type, isDated) = ("", false);
        foreach (var line in Encoding.Latin1.GetString(head).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var name = colon < 0 ? "" : line[..colon];
            var text = colon < 0 ? "" : line[(colon + 1)..].Trim();
            if (Is(name, DeferredItem.ReceivedField))
                continue;

            if (Is(name, "Content-Type"))
                type = text;
            isDated |= Is(name, "Date");
            if (hidden is not null && Is(name, "From-Path"))
                kept.Append(CultureInfo.InvariantCulture, $"{name}: {NobodysPath(text)}\r\n");
            else if (hidden is null || name.Length == 0 || !hidden.IsNamedIn(text))
                kept.Append(line).Append("\r\n");
        }

        return (Encoding.Latin1.GetBytes(kept.ToString()), type, isDated);
    }

    private static string NobodysPath(string path) =>
        MsrpUri.TryParsePath(Encoding.UTF8.GetBytes(path), out var hops) && hops[^1].SessionId is { } session
            ? $"msrp://{HiddenSender.Nobody.Host}/{session};tcp" : $"msrp://{HiddenSender.Nobody.Host}/0000;tcp";

    private static bool IsKept(string name, string value, HiddenSender? hidden)
    {
        if (Is(name, "Via") || name.StartsWith("P-Im-", StringComparison.OrdinalIgnoreCase))
            return false;

        if (hidden is null)
            return !_ofHops.Contains(name) && !name.StartsWith("P-Charging-", StringComparison.OrdinalIgnoreCase);

        return _ofWhoHides.Contains(name) && (Is(name, "From") || Is(name, "To") || !hidden.IsNamedIn(value));
    }

    // RFC 3323 4.1: behind the @ of a Call-ID many write their machine.
    private static SipHeader Hidden(string name, SipHeader field)
    {
        if (Is(name, "From"))
            return new(field.Name, NameAddress.TryParse(field.Value, out var from)
                ? $"\"{HiddenSender.Name}\" <{HiddenSender.Nobody}>" + (from.Tag is { } tag ? ";tag=" + tag : "")
                : $"<{HiddenSender.Nobody}>");

        return Is(name, "Call-ID") && field.Value.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at
            ? new(field.Name, $"{field.Value[..at]}@{HiddenSender.Nobody.Host}")
            : field;
    }

    // What the sender wrote there he meant; then the reception is said elsewhere.
    private static IEnumerable<SipHeader> Received(SipHeaders headers, DateTimeOffset at) =>
        [new(headers.First("Date") is null ? "Date" : DeferredItem.ReceivedField, SipDate.Write(at))];

    private static int BehindCallId(List<SipHeader> fields)
    {
        var at = fields.FindIndex(each => Is(CompactForm.Expand(each.Name), "Call-ID")) + 1;
        if (at == 0)
            return fields.Count;

        while (at < fields.Count && Is(fields[at].Name, "P-Asserted-Identity"))
            at++;

        return at;
    }

    private static void SetLength(List<SipHeader> fields, int length)
    {
        fields.RemoveAll(each => Is(CompactForm.Expand(each.Name), "Content-Length"));
        fields.Add(new("Content-Length", length.ToString(CultureInfo.InvariantCulture)));
    }

    private static byte[] Write(ImRequest request, List<SipHeader> fields, ReadOnlySpan<byte> body)
    {
        var output = new ArrayBufferWriter<byte>(1024 + body.Length);
        Encoding.UTF8.GetBytes($"{request.Method} {request.Uri} SIP/2.0\r\n", output);
        foreach (var field in fields)
            Encoding.UTF8.GetBytes(OneLine(field.ToString()) + "\r\n", output);

        output.Write("\r\n"u8);
        output.Write(body);
        return output.WrittenSpan.ToArray();
    }

    private static string OneLine(string text) =>
        text.AsSpan().ContainsAny("\r\n\0") ? text.ReplaceLineEndings(" ").Replace('\0', ' ').Replace('\r', ' ') : text;

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static ImmutableHashSet<string> Names(params ReadOnlySpan<string> names) =>
        ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase, names);
}
