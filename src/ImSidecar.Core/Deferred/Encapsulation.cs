using System.Buffers;
using System.Collections.Immutable;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Core.Deferred;

/// <summary>How a kept message is wrapped, App. D.2.</summary>
public enum DeferredEncapsulation
{
    /// <summary>As App. D.2 shows it where the client takes that, else as message/cpim.</summary>
    Auto,

    /// <summary>As App. D.2 shows it or not at all.</summary>
    Sip,

    Cpim,
}

/// <summary>What an MSRP SEND carries.</summary>
public sealed record Encapsulated(string ContentType, ReadOnlyMemory<byte> Body);

/// <summary>
/// Packs a deferred message for its push, App. D.2 A step 8 and B: the stored MESSAGE as it is, the stored SEND with
/// the INVITE of its session, or the content of either in CPIM.
/// </summary>
public static class Encapsulation
{
    private const string Sip = MessageSip.MediaType;
    private const string Fragment = "message/sipfrag";
    private const string FragmentType = "message/sipfrag;version=2.0";
    private const string Cpim = "message/cpim";

    // RFC 3261 8.1.1: what every request has.
    private static readonly ImmutableArray<string> _mandatory =
        ["Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq"];

    /// <summary>The best form that this client takes; null: there is none.</summary>
    public static Encapsulated? Of(
        DeferredMessage message, AcceptedTypes types, long? maxSize, DeferredEncapsulation mode, string boundarySeed) =>
        FormsOf(message, types, maxSize, mode, boundarySeed).FirstOrDefault();

    /// <summary>All forms that it says it takes, the best one first.</summary>
    public static IEnumerable<Encapsulated> FormsOf(
        DeferredMessage message, AcceptedTypes types, long? maxSize, DeferredEncapsulation mode, string boundarySeed)
    {
        IEnumerable<Encapsulated> forms =
        [
            .. mode == DeferredEncapsulation.Cpim ? []
                : message.Content.IsPageMode ? OfPageMode(message.Content, types)
                : OfSession(message.Content, types, boundarySeed),
            .. mode == DeferredEncapsulation.Sip ? [] : OfCpim(message, types),
        ];
        return forms.Where(each => maxSize is not { } most || each.Body.Length <= most);
    }

    // IM D.2/A8-b, IM D.2/B1
    private static IEnumerable<Encapsulated> OfPageMode(DeferredContent content, AcceptedTypes types)
    {
        if (types.Accepts(Sip) && IsWhole(content.Sip))
            yield return new(Sip, content.Sip);

        if (types.Accepts(Fragment))
            yield return new(FragmentType, content.Sip);
    }

    // IM D.2/A8-b, IM D.2/B2
    private static IEnumerable<Encapsulated> OfSession(DeferredContent content, AcceptedTypes types, string seed)
    {
        if (!types.AcceptsWrapped(MessageMsrp.MediaType)
            || !types.AcceptsWrapped(Fragment) && !types.AcceptsWrapped(Sip))
            yield break;

        var msrp = MimePart.Of(MessageMsrp.MediaType, content.Msrp);
        ImmutableArray<MimePart> parts = content.Sip.IsEmpty ? [msrp] : [MimePart.Of(FragmentType, content.Sip), msrp];
        var boundary = MultipartWriter.ChooseBoundary(seed, parts);
        yield return new(
            $"multipart/mixed; boundary=\"{boundary}\"", MultipartWriter.Write(boundary, parts));
    }

    private static IEnumerable<Encapsulated> OfCpim(DeferredMessage message, AcceptedTypes types)
    {
        if (!TryOpen(message.Content, out var item))
            yield break;

        if (AcceptedTypes.Essence(item.ContentType).Equals(Cpim, StringComparison.OrdinalIgnoreCase))
        {
            if (CpimReader.Read(item.Content.Span, out var head) == CpimResult.Read
                && types.AcceptsInCpim(AcceptedTypes.Essence(head.ContentType)))
                yield return new(Cpim, item.Content);
        }
        else if (types.AcceptsInCpim(AcceptedTypes.Essence(item.ContentType)))
        {
            yield return new(Cpim, Wrap(message, item));
        }
    }

    private static byte[] Wrap(DeferredMessage message, DeferredItem item)
    {
        var output = new ArrayBufferWriter<byte>(512 + item.Content.Length);
        new CpimMessage
        {
            From = message.IsAnonymous
                ? new(HiddenSender.Name, HiddenSender.Nobody.Text)
                : new(item.FromName ?? "", message.Sender.Text),
            To = [new(message.Recipient.Text)],
            DateTime = message.ReceivedAt,
            Fields = message.Notices is not { } asked ? [] :
            [
                ("NS", $"{ImdnFields.UsualPrefix} <{ImdnFields.Namespace}>"),
                ($"{ImdnFields.UsualPrefix}.{ImdnFields.MessageIdName}", asked.MessageId),
            ],
            ContentType = item.ContentType,
            Content = item.Content,
        }.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }

    // What is stored is of our own making, so it opens; what is coded stays in the form that says so.
    private static bool TryOpen(DeferredContent content, out DeferredItem item)
    {
        item = null!;
        if (content.IsPageMode)
            return MessageSip.TryParse(content.Sip, out var message)
                && message.Headers.First("Content-Encoding") is null or "identity"
                && DeferredReader.TryRead(Sip, content.Sip, out item);

        if (!DeferredReader.TryRead(MessageMsrp.MediaType, content.Msrp, out item))
            return false;

        if (MessageSip.TryParse(content.Sip, out var invite)
            && Protocol.Sip.NameAddress.TryParse(invite.Headers.First("From"), out var from))
            item = item with { FromName = from.DisplayName };

        return true;
    }

    private static bool IsWhole(ReadOnlyMemory<byte> sip) =>
        MessageSip.TryParse(sip, out var message) && _mandatory.All(name => message.Headers.First(name) is not null);
}
