using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Gateway;

/// <summary>REFER, RFC 3515 2.1: one SIP or tel URI, or the Content-ID of a list in the body, RFC 5368 5.</summary>
internal static class ReferReader
{
    private const string Scheme = "cid:";

    public static (ImRequest? Request, Respond? Refusal) Read(
        RequestHead head, ReadOnlyMemory<byte> body, bool isLenient)
    {
        if (head.Headers.CountOf("Refer-To") != 1 || head.Headers.Values("Refer-To") is not [var referTo])
            return Refuse(head, "Refer-To must occur once");

        if (ReadReferSub(head) is not (true, var referSub))
            return Refuse(head, "Refer-Sub is malformed");

        if (ContentIdOf(referTo) is { } contentId)
        {
            var (listed, refusal) = ReadList(head, body, contentId, isLenient);
            return refusal is null
                ? (new ReferRequest(head) { Targets = listed, IsList = true, ReferSub = referSub }, null)
                : (null, refusal);
        }

        if (!NameAddress.TryParse(isLenient ? LenientUri.RepairAddress(referTo) : referTo, out var address))
            return Refuse(head, "Refer-To is malformed");

        return TargetUri.TryParse(address.Uri.Text, isLenient, out var target, out var fault)
            ? (new ReferRequest(head) { Targets = [TargetOf(target, address.DisplayName)], ReferSub = referSub }, null)
            : Refuse(head, "Refer-To holds a " + fault);
    }

    private static (ImmutableArray<ReferTarget> Targets, Respond? Refusal) ReadList(
        RequestHead head, ReadOnlyMemory<byte> body, string contentId, bool isLenient)
    {
        if (ListPart(head, body, contentId) is not { } part)
            return ([], new(head.Transaction, SipStatus.BadRequest, "Refer-To names no list of the body"));

        if (EncodedBody.Decode(head, part, out var content) is { } refusal)
            return ([], refusal);

        if (!ResourceListXml.TryParse(content, out var list, out var error))
            return ([], new(head.Transaction, SipStatus.BadRequest, error));

        var seen = new PersonSet();
        var targets = ImmutableArray.CreateBuilder<ReferTarget>();
        foreach (var entry in list.Entries)
        {
            if (!TargetUri.TryParse(entry.Uri, isLenient, out var target, out var fault))
                return ([], new(head.Transaction, SipStatus.BadRequest, "Recipient list holds a " + fault));

            if (seen.Add(target.Address))
                targets.Add(TargetOf(target, entry.DisplayName));
        }

        return targets.Count > 0
            ? (targets.DrainToImmutable(), null)
            : ([], new(head.Transaction, SipStatus.BadRequest, "Recipient list names nobody"));
    }

    // The list is the body, or a part of it.
    private static MimePart? ListPart(RequestHead head, ReadOnlyMemory<byte> body, string contentId)
    {
        var whole = new MimePart(head.Headers, body);
        if (whole.ContentType is not { } type)
            return null;

        ImmutableArray<MimePart> parts = type.IsMultipart && MultipartReader.TryRead(type, body, out var read)
            ? read
            : [whole];
        return parts.FirstOrDefault(part =>
            part.ContentType?.Is(ResourceListXml.MediaType) == true
            && part.Headers.First("Content-ID")?.Trim().Trim('<', '>') == contentId);
    }

    private static string? ContentIdOf(string referTo)
    {
        var open = referTo.IndexOf('<', StringComparison.Ordinal);
        var close = referTo.IndexOf('>', StringComparison.Ordinal);
        var uri = open >= 0 && close > open ? referTo[(open + 1)..close] : referTo;
        return uri.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? Uri.UnescapeDataString(uri[Scheme.Length..])
            : null;
    }

    private static (bool IsValid, bool? ReferSub) ReadReferSub(RequestHead head) =>
        head.Headers.First("Refer-Sub")?.Split(';')[0].Trim().ToLowerInvariant() switch
        {
            null => (true, null),
            "true" => (true, true),
            "false" => (true, false),
            _ => (false, null),
        };

    private static ReferTarget TargetOf(TargetUri target, string? name) =>
        new(target.Address, name, target.Method)
        {
            Replaces = target.Replaces,
            Messages = target.Messages,
            PersonKey = target.PersonKey,
        };

    private static (ImRequest?, Respond?) Refuse(RequestHead head, string warning) =>
        (null, new(head.Transaction, SipStatus.BadRequest, warning));
}
