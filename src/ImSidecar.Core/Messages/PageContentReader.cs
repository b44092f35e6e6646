using System.Collections.Immutable;
using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Messages;

/// <summary>What a MESSAGE says, without the list of whom it says it to; RFC 5365 5 and 7.2.</summary>
/// <param name="Fields">The header fields that describe the body.</param>
/// <param name="List">Null: none came.</param>
/// <param name="Asked">What its sender wants to hear of it.</param>
internal sealed record ReadContent(
    ImmutableArray<SipHeader> Fields, ReadOnlyMemory<byte> Body, ResourceList? List, AskedNotices? Asked);

/// <summary>Takes the body of a MESSAGE apart.</summary>
internal static class PageContentReader
{
    private const string ListDisposition = "recipient-list";
    private const string HistoryDisposition = "recipient-list-history";
    private const string TransferEncoding = "Content-Transfer-Encoding";

    /// <summary>The refusal, or null.</summary>
    public static Respond? Read(
        MessageRequest request, AggregateId id, bool takesList, Facts facts, out ReadContent content)
    {
        content = null!;
        if (request.Body.IsEmpty)
            return Refuse(request, SipStatus.BadRequest, "Message is empty");

        if (!MediaType.TryParse(request.Headers.First("Content-Type"), out var type))
            return Refuse(request, SipStatus.BadRequest, "Content-Type is missing or malformed");

        var whole = new MimePart(request.Headers, request.Body);
        if (Decode(request, whole, facts, out var body) is { } undecodable)
            return undecodable;

        if (takesList)
            return ReadWithList(request, id, type, body, facts, out content);

        if (request.Headers.HasToken("Require", "recipient-list-message"))
            return Refuse(request, SipStatus.BadRequest, "A group takes no recipient list");

        if (TooLarge(request, body.Length, facts) is { } tooLarge)
            return tooLarge;

        AskedNotices? asked = null;
        if (type.Is(CpimContent.MediaType) && CpimContent.Prepare(request, id, facts, ref body, ref asked) is { } fault)
            return Refuse(request, SipStatus.BadRequest, fault);

        content = new([.. FieldsOf(whole.Headers)], body, null, asked);
        return null;
    }

    private static Respond? ReadWithList(
        MessageRequest request, AggregateId id, MediaType type, ReadOnlyMemory<byte> body, Facts facts,
        out ReadContent content)
    {
        content = null!;
        if (!type.Is("multipart/mixed"))
            return Refuse(request, SipStatus.BadRequest, "Recipient list is missing");

        if (!MultipartReader.TryRead(type, body, out var parts))
            return Refuse(request, SipStatus.BadRequest, "Multipart body is malformed");

        ResourceList? list = null;
        AskedNotices? asked = null;
        var said = new List<MimePart>();
        foreach (var part in parts)
        {
            if (Decode(request, part, facts, out var decoded) is { } undecodable)
                return undecodable;

            if (!IsList(part))
            {
                if (part.ContentType?.Is(CpimContent.MediaType) == true
                    && CpimContent.Prepare(request, id, facts, ref decoded, ref asked) is { } fault)
                    return Refuse(request, SipStatus.BadRequest, fault);

                said.Add(new(new([.. FieldsOf(part.Headers)]), decoded));
                // At once: what is packed small may be large, each part anew.
                if (TooLarge(request, said.Sum(each => each.Body.Length), facts) is { } tooLarge)
                    return tooLarge;
                continue;
            }

            if (list is not null)
                return Refuse(request, SipStatus.BadRequest, "Body holds two recipient lists");

            if (!ResourceListXml.TryParse(decoded, out list, out var problem))
                return Refuse(request, SipStatus.BadRequest, problem);
        }

        if (list is null)
            return Refuse(request, SipStatus.BadRequest, "Recipient list is missing");

        if (said.Count == 0 || said.TrueForAll(part => part.Body.IsEmpty))
            return Refuse(request, SipStatus.BadRequest, "Message is empty");

        if (History(list) is { } history)
            said.Add(history);
        content = Joined(said, list, asked, facts);
        return null;
    }

    private static ReadContent Joined(
        List<MimePart> parts, ResourceList list, AskedNotices? asked, Facts facts)
    {
        if (parts is [var only] && only.Headers.First(TransferEncoding) is null)
            return new([.. only.Headers], only.Body, list, asked);

        var boundary = MultipartWriter.ChooseBoundary(facts.Derive("boundary"), parts);
        return new(
            [new("Content-Type", MultipartWriter.ContentType("mixed", boundary))],
            MultipartWriter.Write(boundary, parts),
            list,
            asked);
    }

    // RFC 5364 5: whom the sender does not hide from the others; without copyControl he hides all.
    private static MimePart? History(ResourceList list)
    {
        ImmutableArray<ResourceListEntry> shown =
            [.. list.Entries.Where(entry => entry.CopyControl is CopyControl.To or CopyControl.Cc && !entry.Anonymize)];
        ImmutableArray<ResourceListEntry> hidden =
        [
            .. list.Entries
                .Where(entry => entry.CopyControl is CopyControl.To or CopyControl.Cc && entry.Anonymize)
                .GroupBy(entry => entry.CopyControl)
                .Select(group => new ResourceListEntry(
                    ResourceListXml.Anonymous, null, group.Key) { Count = group.Count() }),
        ];
        return shown.IsEmpty && hidden.IsEmpty ? null : MimePart.Of(
            ResourceListXml.MediaType,
            HistoryDisposition + ";handling=optional",
            ResourceListXml.Write(new([.. shown, .. hidden])));
    }

    private static bool IsList(MimePart part) =>
        part.ContentType?.Is(ResourceListXml.MediaType) == true
        && part.Disposition is null or ListDisposition;

    // The body is passed on decoded.
    private static IEnumerable<SipHeader> FieldsOf(SipHeaders headers)
    {
        if (headers.First("Content-Type") is null)
            yield return new("Content-Type", "text/plain");
        foreach (var field in headers)
        {
            var name = CompactForm.Expand(field.Name);
            if (name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
                && !name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase)
                && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
                && !field.Value.Any(char.IsControl))
                yield return new(name, field.Value);
        }
    }

    private static Respond? Decode(
        MessageRequest request, MimePart part, Facts facts, out ReadOnlyMemory<byte> decoded) =>
        ContentCoding.Decode(
            part.ContentEncoding, part.Body, facts.Operator.MaxPageMessageBytes + ResourceListXml.MaxBytes, out decoded)
        switch
        {
            DecodeOutcome.Decoded => null,
            DecodeOutcome.UnknownCoding =>
                Refuse(request, SipStatus.UnsupportedMediaType, "Content-Encoding is not supported") with
                {
                    Headers = SipHeaders.Of(("Accept-Encoding", ContentCoding.Accepted)),
                },
            DecodeOutcome.TooLarge => TooLarge(request, int.MaxValue, facts),
            _ => Refuse(request, SipStatus.BadRequest, "Body does not match its Content-Encoding"),
        };

    private static Respond? TooLarge(MessageRequest request, int bytes, Facts facts) =>
        bytes <= facts.Operator.MaxPageMessageBytes
            ? null
            : Refuse(
                request,
                SipStatus.RequestEntityTooLarge,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Message is larger than {facts.Operator.MaxPageMessageBytes} bytes"));

    private static Respond Refuse(MessageRequest request, SipStatus status, string warning) =>
        new(request.Transaction, status, warning);
}
