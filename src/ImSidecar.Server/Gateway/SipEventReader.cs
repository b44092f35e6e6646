using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Gateway.V1;
using SessionCase = ImSidecar.Protocol.Sip.Requests.SessionCase;

namespace ImSidecar.Server.Gateway;

/// <summary>From the bytes of the stream to a typed request; bad syntax ends here with a final response.</summary>
internal static class SipEventReader
{
    private static readonly string[] _singletons =
    [
        "From", "To", "Call-ID", "CSeq", "Content-Type", "Event", "Expires", "Subscription-State", "Suppress-If-Match",
    ];

    private static readonly string[] _extensions =
        ["timer", "recipient-list-invite", "norefersub", "multiple-refer"];

    private static readonly string[] _extensionsOfMessages = ["recipient-list-message"];

    /// <summary>The request, or the response that refuses it; exactly one of them.</summary>
    public static (ImRequest? Request, Respond? Refusal) Read(Request wire, bool isLenient = false) =>
        ReadHead(wire, isLenient) is var (head, refusal) && head is not null
            ? Read(head, wire, isLenient)
            : (null, refusal);

    /// <summary>All that is to be known of a request which is not for us.</summary>
    public static (RequestHead? Head, Respond? Refusal) ReadHead(Request wire, bool isLenient = false)
    {
        var headers = OfSender(Headers(wire.Headers), wire.Trusted);
        return TryReadHead(wire, headers, isLenient, out var head, out var refusal) ? (head, null) : (null, refusal);
    }

    public static (ImRequest? Request, Respond? Refusal) Read(RequestHead head, Request wire, bool isLenient = false)
    {
        var headers = head.Headers;
        if (Unsupported(wire.Method, headers) is { Length: > 0 } unsupported)
        {
            return (null, new(wire.Transaction, SipStatus.BadExtension, "Required extension is not supported")
            {
                Headers = SipHeaders.Of(("Unsupported", unsupported)),
            });
        }

        if (ReplacesReader.Refuse(head) is { } notOurs)
            return (null, notOurs);

        return wire.Method switch
        {
            "INVITE" or "UPDATE" => SessionBodyReader.Read(head, wire.Body.Memory),
            "BYE" => (new ByeRequest(head), null),
            "SUBSCRIBE" => SubscribeReader.Read(head, wire.Body.Memory),
            "NOTIFY" when IsToWatch(head) => NotifyReader.Read(head, wire.Body.Memory),
            "REFER" => ReferReader.Read(head, wire.Body.Memory, isLenient),
            "REGISTER" => RegisterReader.Read(head, wire.Body.Memory),
            "MESSAGE" => (new MessageRequest(head) { Body = wire.Body.Memory }, null),
            "OPTIONS" => (new OptionsRequest(head), null),
            _ => (new UnsupportedRequest(head), null),
        };
    }

    public static SipHeaders Headers(IReadOnlyList<Header> wire)
    {
        var fields = ImmutableArray.CreateBuilder<SipHeader>(wire.Count);
        for (var i = 0; i < wire.Count; i++)
            fields.Add(new(wire[i].Name, Encoding.UTF8.GetString(wire[i].Value.Span)));
        return new(fields.MoveToImmutable());
    }

    // What is charged, and where somebody is, the core says and nobody else.
    private static SipHeaders OfSender(SipHeaders headers, bool isTrusted) =>
        isTrusted || !headers.Any(IsOfCore) ? headers : new([.. headers.Where(field => !IsOfCore(field))]);

    private static bool IsOfCore(SipHeader field) =>
        field.Name.StartsWith("P-Charging-", StringComparison.OrdinalIgnoreCase)
        || field.Name.Equals("P-Access-Network-Info", StringComparison.OrdinalIgnoreCase);

    // Our subscriptions have a Contact of their own kind; a NOTIFY to anything else is no method of ours.
    private static bool IsToWatch(RequestHead head) =>
        new AggregateId(head.Uri.User).Kind is AggregateKind.DocumentWatch or AggregateKind.ServedUser;

    private static bool TryReadHead(
        Request wire, SipHeaders headers, bool isLenient, out RequestHead head, out Respond refusal)
    {
        head = null!;
        refusal = null!;
        if (!SipUri.TryParse(isLenient ? LenientUri.Repair(wire.Uri) : wire.Uri, out var uri))
            return Fail("Request-URI is malformed", out refusal);

        foreach (var name in _singletons)
        {
            if (headers.CountOf(name) > 1)
                return Fail(name + " occurs more than once", out refusal);
        }

        if (!TryReadAddress(headers.First("From"), isLenient, out var from) || from.Tag is not { Length: > 0 })
            return Fail("From is malformed", out refusal);

        if (!TryReadAddress(headers.First("To"), isLenient, out var to))
            return Fail("To is malformed", out refusal);

        if (headers.First("Call-ID") is not { Length: > 0 } callId)
            return Fail("Call-ID is missing", out refusal);

        if (!TryReadCSeq(headers.First("CSeq"), wire.Method, out var cseq))
            return Fail("CSeq is malformed", out refusal);

        if (!TryReadContact(headers, out var contact))
            return Fail("Contact is malformed", out refusal);

        var routeSet = headers.Values("Record-Route");
        if (!DialogAddress.IsRouteSet(routeSet))
            return Fail("Record-Route is too long", out refusal);

        head = new()
        {
            Transaction = wire.Transaction,
            Method = wire.Method,
            Uri = uri,
            From = from,
            To = to,
            CallId = callId,
            CSeq = cseq,
            LocalTag = to.Tag ?? wire.ToTag,
            Identities = Identities(wire.Identities),
            IsTrusted = wire.Trusted,
            SessionCase = wire.Trusted ? (SessionCase)wire.SessionCase : SessionCase.Unspecified,
            Contact = contact,
            RouteSet = routeSet,
            Headers = headers,
        };
        return true;

        bool Fail(string warning, out Respond response)
        {
            response = new(wire.Transaction, SipStatus.BadRequest, warning);
            return false;
        }
    }

    private static bool TryReadAddress(string? text, bool isLenient, out NameAddress address) =>
        NameAddress.TryParse(isLenient && text is not null ? LenientUri.RepairAddress(text) : text, out address);

    internal static bool TryReadCSeq(string? text, string method, out long cseq)
    {
        cseq = 0;
        var parts = (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2
            && parts[1] == method
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out cseq)
            && cseq <= int.MaxValue;
    }

    private static bool TryReadContact(SipHeaders headers, out NameAddress? contact)
    {
        contact = null;
        var values = headers.Values("Contact");
        return values.IsEmpty
            || (values.Length == 1 && NameAddress.TryParse(values[0], out contact)
                && DialogAddress.IsTarget(contact.Uri));
    }

    private static ImmutableArray<NameAddress> Identities(IReadOnlyList<string> wire)
    {
        var identities = ImmutableArray.CreateBuilder<NameAddress>();
        foreach (var text in wire)
        {
            foreach (var value in new SipList(text, ','))
            {
                if (NameAddress.TryParse(value, out var identity))
                    identities.Add(identity);
            }
        }

        return identities.DrainToImmutable();
    }

    private static string Unsupported(string method, SipHeaders headers) => string.Join(
        ", ",
        headers.Values("Require").Except(
            method == "MESSAGE" ? _extensionsOfMessages : _extensions, StringComparer.OrdinalIgnoreCase));
}
