using System.Security.Cryptography;
using System.Xml;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>
/// Documents that nobody writes: the server's capabilities (RFC 4825 12), the directory of a user (OMA XDM), and what is
/// kept for him while he is away.
/// </summary>
internal sealed class GeneratedDocuments(
    EmbeddedDocuments documents, DeferredListDocument deferred, IOptions<XcapServerOptions> options)
{
    private const string CapabilitiesName = "index";

    private readonly Uri _root = options.Value.RootUri!;

    /// <summary>Null when there is no such document.</summary>
    public async ValueTask<StoredDocument?> FindAsync(DocumentSelector selector, CancellationToken cancellation)
    {
        if (selector is { Auid: XcapUsages.Capabilities, User: null, Path: CapabilitiesName })
            return Of(selector, Write(WriteCapabilities));

        if (selector is { Auid: DeferredListDocument.Auid, User: { } owner, Path: DeferredListDocument.Name })
            return await deferred.ReadAsync(owner, cancellation) is { } list ? Of(selector, list) : null;

        if (selector is not { Auid: XcapUsages.Directory, User: { } user, Path: XcapUsages.DirectoryName })
            return null;

        var entries = await documents.ListAsync(user, null, cancellation);
        return Of(selector, Write(writer => WriteDirectory(writer, entries)));
    }

    /// <summary>Deletes what such a document is about, or a part of it.</summary>
    public async ValueTask<XcapAnswer> DeleteAsync(XcapRequest request, CancellationToken cancellation) =>
        await FindAsync(request.Uri.Document, cancellation) is { } document
            ? await deferred.DeleteAsync(request, document, cancellation)
            : XcapAnswer.NotFound;

    private static StoredDocument Of(DocumentSelector selector, byte[] content)
    {
        var etag = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12));
        return new(new(selector, etag, DateTimeOffset.UnixEpoch, content.Length), content);
    }

    private static byte[] Write(Action<XmlWriter> content)
    {
        using var output = new MemoryStream();
        using (var writer = XmlWriter.Create(output, new() { Encoding = new System.Text.UTF8Encoding(false) }))
            content(writer);
        return output.ToArray();
    }

    private static void WriteCapabilities(XmlWriter writer)
    {
        const string Namespace = XcapUsages.CapabilitiesNamespace;
        writer.WriteStartElement("xcap-caps", Namespace);
        writer.WriteStartElement("auids", Namespace);
        foreach (var usage in XcapUsages.All)
            writer.WriteElementString("auid", Namespace, usage.Auid);
        writer.WriteEndElement();
        writer.WriteStartElement("extensions", Namespace);
        writer.WriteEndElement();
        writer.WriteStartElement("namespaces", Namespace);
        foreach (var name in XcapUsages.All.Select(usage => usage.DefaultNamespace).Union(XcapSchemas.Namespaces))
            writer.WriteElementString("namespace", Namespace, name);
        writer.WriteEndElement();
        writer.WriteEndElement();
    }

    private void WriteDirectory(XmlWriter writer, IReadOnlyList<DocumentEntry> entries)
    {
        const string Namespace = XcapUsages.DirectoryNamespace;
        writer.WriteStartElement("xcap-directory", Namespace);
        foreach (var folder in entries.GroupBy(entry => entry.Selector.Auid))
        {
            writer.WriteStartElement("folder", Namespace);
            writer.WriteAttributeString("auid", folder.Key);
            foreach (var entry in folder)
            {
                writer.WriteStartElement("entry", Namespace);
                writer.WriteAttributeString("uri", _root.AbsoluteUri + XcapUri.Write(entry.Selector));
                writer.WriteAttributeString("etag", entry.ETag);
                writer.WriteAttributeString("last-modified", XmlConvert.ToString(entry.Modified));
                writer.WriteAttributeString("size", XmlConvert.ToString(entry.Size));
                writer.WriteEndElement();
            }

            writer.WriteEndElement();
        }

        writer.WriteEndElement();
    }
}
