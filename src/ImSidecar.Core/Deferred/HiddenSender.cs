using System.Collections.Immutable;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Deferred;

/// <summary>Who asks privacy, RFC 3323 4.1: what others would know him by, and how it is taken out.</summary>
public sealed class HiddenSender
{
    /// <summary>A longer CPIM header block is not looked through.</summary>
    private const int MaxCpimHead = 8 * 1024;

    private readonly ImmutableArray<string> _names;

    private HiddenSender(IEnumerable<SipUri> addresses) =>
        _names = [.. addresses.Where(each => each.Host != Nobody.Host).Select(NameOf).Where(name => name.Length > 0)];

    /// <summary>URI that stands for him.</summary>
    public static SipUri Nobody { get; } = SipUri.Of("sip", "anonymous", "anonymous.invalid");

    public const string Name = "Anonymous";

    /// <summary>With all that his request says of him.</summary>
    public static HiddenSender Of(ImRequest request) => new(
        [
            .. request.Head.Identities.Select(each => each.Uri),
            .. request.Headers.Values("P-Asserted-Identity").Select(Address).OfType<SipUri>(),
            .. request.Headers.Values("P-Preferred-Identity").Select(Address).OfType<SipUri>(),
            request.From.Uri,
        ]);

    public static HiddenSender Of(IEnumerable<SipUri> identities) => new(identities);

    /// <summary>Whether the text tells who he is.</summary>
    public bool IsNamedIn(string text)
    {
        foreach (var name in _names)
        {
            if (text.Contains(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>From of somebody else in a CPIM header block, and nothing that names him.</summary>
    public void Hide(CpimHead head, CpimHeadEdit edit)
    {
        edit.Readdress(head.FromField, Nobody.Text);
        for (var field = 0; field < head.Fields.Length; field++)
        {
            if (field != head.FromField && !head.ToFields.Contains(field) && IsNamedIn(head.Fields[field].Value))
                edit.Remove(field);
        }
    }

    /// <summary>A body of that type as others may have it; of CPIM that cannot be read nothing is left.</summary>
    public ReadOnlyMemory<byte> Hide(string contentType, ReadOnlyMemory<byte> body)
    {
        if (!AcceptedTypes.Essence(contentType).Equals("message/cpim", StringComparison.OrdinalIgnoreCase))
            return body;

        if (CpimReader.Read(body.Span[..Math.Min(body.Length, MaxCpimHead)], out var head) != CpimResult.Read)
            return default;

        var edit = new CpimHeadEdit(head);
        Hide(head, edit);
        return edit.Apply(body.Span).ToArray();
    }

    private static string NameOf(SipUri user) =>
        user.Scheme == "tel" || user.User.Length == 0 ? user.User : $"{user.User}@{user.Host}";

    private static SipUri? Address(string? value) =>
        NameAddress.TryParse(value, out var address) ? address.Uri : null;
}
