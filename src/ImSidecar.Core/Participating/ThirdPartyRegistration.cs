using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>An S-CSCF tells that a user has registered, 3GPP TS 24.229 5.4.1.7 and 5.7.1.1.</summary>
internal static class ThirdPartyRegistration
{
    public static Outcome<ServedUser> OnRegister(
        ServedUser? current, AggregateId id, RegisterRequest request, Facts facts)
    {
        if (!request.Head.IsTrusted)
            return Refuse(current, request, SipStatus.Forbidden, "Only the core registers users here");

        if (!facts.Operator.Participating.Serves(request.To.Uri) && request.To.Uri.Scheme != "tel")
            return Refuse(current, request, SipStatus.NotFound, "User is not served here");

        var next = Registrations.OnChange(
            current, id, request.To.Uri,
            new(RegistrationSource.ThirdParty, ChangesIn(request), request.CallId, request.CSeq), facts);

        if (request.Expires > 0)
            next = WatchRegistrations.Want(next, id, request.To.Uri, facts);

        // He would be taken for absent: the core is to know that we do not know him.
        if (next is null && request.Expires > 0)
            return Refuse(current, request, SipStatus.ServiceUnavailable, "Too many users");

        return Outcome.Of(next, new Respond(request.Transaction, SipStatus.Ok)
        {
            Headers = SipHeaders.Of(
                ("Expires", request.Expires.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                ("Contact", $"<{ContactOf(request)}>;expires={request.Expires}")),
        });
    }

    // Without his own REGISTER nobody knows where he is and what he can: then the S-CSCF is where he is.
    private static ImmutableArray<ContactBinding> ChangesIn(RegisterRequest request)
    {
        if (request.Expires == 0)
            return [new(ContactBinding.All, [], 0)];

        if (request.Contacts.IsDefaultOrEmpty)
            return [new(ContactOf(request), [], request.Expires)];

        // For no longer than the core says.
        return
        [
            .. request.Contacts.Select(each => each with
            {
                Expires = Math.Min(each.Expires ?? request.Expires, request.Expires),
            }),
        ];
    }

    private static string ContactOf(RegisterRequest request) => (request.Contact?.Uri ?? request.From.Uri).Text;

    private static Outcome<ServedUser> Refuse(
        ServedUser? current, RegisterRequest request, SipStatus status, string warning) =>
        Outcome.Of(current, new Respond(request.Transaction, status, warning));
}
