using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Messages;

/// <summary>
/// What is looked at, and changed, in a CPIM message to several: who it is from, and where its notifications go.
/// </summary>
internal static class CpimContent
{
    public const string MediaType = "message/cpim";

    private const int MaxHeadBytes = 8 * 1024;

    /// <summary>The warning of a refusal, or null; what is asked for is null when nothing is.</summary>
    public static string? Prepare(
        MessageRequest request, AggregateId id, Facts facts, ref ReadOnlyMemory<byte> body, ref AskedNotices? asked)
    {
        var offered = body[..Math.Min(body.Length, MaxHeadBytes)];
        if (CpimReader.Read(offered.Span, out var head) != CpimResult.Read)
            return "CPIM message is malformed";

        if (!IsFromSender(request, head.From))
            return "CPIM From is not who sends the message";

        var isAnonymous = AuthenticatedOriginator.AsksPrivacy(request);
        var edit = new CpimHeadEdit(head);
        if (isAnonymous)
            HiddenSender.Of(request.Head.Identities.Select(each => each.Uri)).Hide(head, edit);

        var fields = ImdnFields.Read(head);
        if (AskedNotices.Of(fields, head) is { } wanted && asked is null)
        {
            // RFC 5438 8.3, RFC 5438 14.2: who hides is found by us alone.
            wanted = wanted with { IsRoutedByUs = isAnonymous || facts.Operator.AggregateImdn };
            if (wanted.IsRoutedByUs)
                Route(head, fields, edit, Identity(id, facts));
            asked = wanted;
        }

        if (!edit.IsEmpty)
            body = (byte[])[.. edit.Apply(body.Span)];
        return null;
    }

    /// <summary>Where notifications about that message are taken.</summary>
    public static SipUri Identity(AggregateId id, Facts facts) =>
        SipUri.Of("sip", id.Value, facts.Operator.ConferenceFactory.Host);

    // RFC 3862 names persons by im too.
    public static bool TryReadUser(string uri, out SipUri user) => SipUri.TryParse(
        uri.StartsWith("im:", StringComparison.OrdinalIgnoreCase) ? "sip:" + uri[3..] : uri, out user);

    private static bool IsFromSender(MessageRequest request, CpimAddress from) =>
        TryReadUser(from.Uri, out var user)
        && (ChatAlias.IsNobody(user)
            || request.Head.Identities.Any(identity => identity.Uri.PersonKey == user.PersonKey
                || identity.Uri.SameAddress(user)));

    // We send straight to the sender: what stood there before goes no further.
    private static void Route(CpimHead head, ImdnFields fields, CpimHeadEdit edit, SipUri us)
    {
        foreach (var field in fields.RecordRouteFields)
            edit.Remove(field);
        edit.AddBehind(fields.MessageIdField, $"{fields.Prefix}.{ImdnFields.RecordRouteName}: <{us}>");
    }
}
