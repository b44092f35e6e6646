using System.Collections.Immutable;
using System.Globalization;
using System.Xml;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using Microsoft.AspNetCore.Http;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>
/// The list of what is kept for a user, OMA IM XDM 5.2.2: he reads it, and what he deletes from it is not kept any more.
/// </summary>
internal sealed class DeferredListDocument(IDeferredMessageStore store, TimeProvider time)
{
    public const string Auid = "org.openmobilealliance.deferred-list";
    public const string Name = "deferred-list";
    public const string Namespace = "urn:oma:xml:im:history-list";

    private const string Entry = "history";
    private const string Reference = "history-reference";

    // What a user may have at most by default; the rest shows when these are gone.
    private const int Most = 1000;

    /// <summary>Null: nobody can have it, for that is no address.</summary>
    public async ValueTask<byte[]?> ReadAsync(string user, CancellationToken cancellation)
    {
        if (!SipUri.TryParse(user, out var address))
            return null;

        var entries = await store.ListAsync(
            ServedAddress.KeyOf(address), after: 0, Most, time.GetUtcNow(), cancellation);
        return Write(address, entries);
    }

    /// <summary>All of it, or the entries that the node selects.</summary>
    public async ValueTask<XcapAnswer> DeleteAsync(
        XcapRequest request, StoredDocument document, CancellationToken cancellation)
    {
        if (!request.Conditions.IsMatch(document.Entry.ETag, exists: true))
            return XcapAnswer.Of(StatusCodes.Status412PreconditionFailed, "If-Match does not hold");

        if (Selected(request, document) is not { } numbers)
            return XcapAnswer.NotFound;

        if (numbers.IsEmpty)
            return XcapAnswer.Of(StatusCodes.Status409Conflict, "Only the document or a whole history element goes");

        _ = SipUri.TryParse(request.Uri.Document.User!, out var address);
        await store.RemoveAsync(
            ServedAddress.KeyOf(address), numbers, DeferredEnd.Deleted, time.GetUtcNow(), CancellationToken.None);
        return new(StatusCodes.Status200OK);
    }

    // Null: there is no such node. Empty: it is there, but it is no message.
    private static ImmutableArray<long>? Selected(XcapRequest request, StoredDocument document)
    {
        if (!XmlOutline.TryRead(document.Content, out var outline, out _))
            return null;

        if (request.Uri.Node is not { } node)
        {
            ImmutableArray<long> all = [.. outline.Root.Children.Select(NumberOf).OfType<long>()];
            return all.IsEmpty ? null : all;
        }

        return NodeSelection.Select(outline, node, Namespace) is not { } element ? null
            : node.Attribute is null && NumberOf(element) is { } number ? [number]
            : [];
    }

    private static long? NumberOf(OutlineElement element) =>
        element.Is(Entry, Namespace)
        && long.TryParse(element.Attribute(Reference), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static byte[] Write(SipUri user, ImmutableArray<DeferredEntry> entries)
    {
        using var output = new MemoryStream();
        using (var writer = XmlWriter.Create(output, new() { Encoding = new System.Text.UTF8Encoding(false) }))
        {
            writer.WriteStartElement("history-list", Namespace);
            foreach (var entry in entries)
                Write(writer, user, entry);
            writer.WriteEndElement();
        }

        return output.ToArray();
    }

    private static void Write(XmlWriter writer, SipUri user, DeferredEntry entry)
    {
        var received = XmlConvert.ToString(entry.ReceivedAt.UtcDateTime, "yyyy-MM-ddTHH:mm:ssZ");
        writer.WriteStartElement(Entry, Namespace);
        writer.WriteAttributeString(Reference, XmlConvert.ToString(entry.Number));
        writer.WriteElementString("date", Namespace, received);
        writer.WriteElementString("size", Namespace, XmlConvert.ToString(entry.Size));
        writer.WriteElementString(
            "expiry", Namespace, XmlConvert.ToString(entry.ExpiresAt.UtcDateTime, "yyyy-MM-ddTHH:mm:ssZ"));
        if (entry.Subject.Length > 0)
            writer.WriteElementString("subject", Namespace, XmlBody.Clean(entry.Subject));
        writer.WriteStartElement("pager", Namespace);
        writer.WriteElementString("time-stamp", Namespace, received);
        if (!entry.IsAnonymous)
            writer.WriteElementString("from", Namespace, XmlBody.Clean(entry.Sender.Text));
        writer.WriteElementString("to", Namespace, XmlBody.Clean(user.Text));
        writer.WriteEndElement();
        writer.WriteEndElement();
    }
}
