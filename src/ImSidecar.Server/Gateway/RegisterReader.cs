using System.Collections.Immutable;
using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// A third-party REGISTER, 3GPP TS 24.229 5.4.1.7, with what the user sent himself in its body when the operator has the
/// S-CSCF include that.
/// </summary>
internal static class RegisterReader
{
    private const int MaxContacts = 32;
    private const int MaxTags = 64;

    public static (ImRequest? Request, Respond? Refusal) Read(RequestHead head, ReadOnlyMemory<byte> body)
    {
        var expires = head.Headers.First("Expires")
            ?? head.Contact?.Parameter("expires");
        if (!TryReadSeconds(expires, out var seconds))
            return (null, new(head.Transaction, SipStatus.BadRequest, "Expires is missing or malformed"));

        if (body.IsEmpty || Original(new(head.Headers, body)) is not { } original)
            return (new RegisterRequest(head) { Expires = seconds }, null);

        return TryReadContacts(original, out var contacts)
            ? (new RegisterRequest(head) { Expires = seconds, Contacts = contacts }, null)
            : (null, new(head.Transaction, SipStatus.BadRequest, "Contacts of the user's REGISTER are malformed"));
    }

    // The first one that is a REGISTER; beside it there may be the answer to it.
    private static SipHeaders? Original(MimePart part)
    {
        if (part.ContentType is not { } type)
            return null;

        if (type.Is(MessageSip.MediaType))
            return MessageSip.TryParse(part.Body, out var message) && message.IsRequest("REGISTER")
                ? message.Headers
                : null;

        return MultipartReader.TryRead(type, part.Body, out var parts)
            ? parts.Where(each => each.ContentType?.IsMultipart == false).Select(Original).FirstOrDefault(
                each => each is not null)
            : null;
    }

    private static bool TryReadContacts(SipHeaders original, out ImmutableArray<ContactBinding> contacts)
    {
        contacts = [];
        int? forAll = TryReadSeconds(original.First("Expires"), out var seconds) ? seconds : null;
        var read = ImmutableArray.CreateBuilder<ContactBinding>();
        foreach (var value in original.Values("Contact").Take(MaxContacts))
        {
            if (value == ContactBinding.All)
            {
                read.Add(new(ContactBinding.All, [], forAll));
                continue;
            }

            if (!NameAddress.TryParse(value, out var contact))
                return false;

            int? own = TryReadSeconds(contact.Parameter("expires"), out var of) ? of : null;
            read.Add(new(contact.Uri.Text, FeatureTagsOf(contact), own ?? forAll));
        }

        contacts = read.ToImmutable();
        return true;
    }

    // Those with a plus sign tell enough, RFC 3840 9.
    private static ImmutableArray<string> FeatureTagsOf(NameAddress contact)
    {
        var tags = ImmutableArray.CreateBuilder<string>();
        foreach (var parameter in new SipList(contact.Parameters, ';'))
        {
            if (parameter[0] == '+' && tags.Count < MaxTags)
                tags.Add(parameter.ToString());
        }

        return tags.ToImmutable();
    }

    private static bool TryReadSeconds(string? text, out int seconds)
    {
        var valid = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        seconds = (int)Math.Min(value, int.MaxValue);
        return valid;
    }
}
