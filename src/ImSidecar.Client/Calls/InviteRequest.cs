using System.IO.Compression;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Calls;

/// <summary>Builds the initial INVITE, RFC 3261 13.2.1; with a recipient list RFC 5366 5.</summary>
internal static class InviteRequest
{
    public static SipMessage Create(
        UserAgent agent, string uri, IReadOnlyCollection<string> recipients, InviteOptions options, byte[]? offer)
    {
        var invite = agent.CreateRequest("INVITE", uri)
            .Add("Contact", agent.ContactHeader)
            .Add("Accept-Contact", "*;+g.oma.sip-im;require;explicit")
            .Add("Allow", UserAgent.Methods)
            .Add("Supported", UserAgent.Extensions(agent.Options));
        if (options.SessionExpires is { } expires)
            invite.Add("Session-Expires", expires);
        if (options.Subject is { } subject)
            invite.Add("Subject", subject);
        if (recipients.Count > 0)
            invite.Add("Require", "recipient-list-invite");

        AddBody(invite, recipients, options, offer);
        UserAgent.Override(invite, options.Headers);
        return invite;
    }

    private static void AddBody(
        SipMessage invite, IReadOnlyCollection<string> recipients, InviteOptions options, byte[]? offer)
    {
        if (options.RawBody is var (contentType, raw))
            invite.WithBody(contentType, raw);
        else if (recipients.Count == 0 && offer is not null)
            invite.WithBody(MediaLeg.ContentType, offer);
        else if (recipients.Count > 0)
            AddList(invite, RecipientList(recipients, options.ListEncoding), offer);
    }

    private static void AddList(SipMessage invite, MimePart list, byte[]? offer)
    {
        if (offer is null)
        {
            invite.Body = list.Body;
            foreach (var header in list.Headers)
                invite.Add(header.Name, header.Value);
            return;
        }

        MimePart[] parts = [MimePart.Of(MediaLeg.ContentType, offer), list];
        var boundary = MultipartWriter.ChooseBoundary(Token.New(16), parts);
        invite.WithBody(MultipartWriter.ContentType("mixed", boundary), MultipartWriter.Write(boundary, parts));
    }

    private static MimePart RecipientList(IEnumerable<string> recipients, string? encoding)
    {
        var entries = recipients.Select(uri => new ResourceListEntry(uri, CopyControl: CopyControl.To));
        var document = ResourceListXml.Write(new([.. entries]));
        var headers = SipHeaders.Of(
            ("Content-Type", ResourceListXml.MediaType), ("Content-Disposition", "recipient-list"));
        return encoding is null
            ? new(headers, document)
            : new(headers.With("Content-Encoding", encoding), Compress(document, encoding));
    }

    private static byte[] Compress(byte[] document, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding == "gzip"
            ? new GZipStream(compressed, CompressionLevel.Optimal)
            : new ZLibStream(compressed, CompressionLevel.Optimal))
            stream.Write(document);

        return compressed.ToArray();
    }
}
