using System.Text;
using System.Xml;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using Microsoft.AspNetCore.Http;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>GET and HEAD of documents, elements, attributes and namespaces, RFC 4825 7.3, 7.6, 7.9 and 7.10.</summary>
internal sealed class XcapReading(EmbeddedDocuments documents, GeneratedDocuments generated, DocumentWork work)
{
    public const string ElementType = "application/xcap-el+xml";
    public const string AttributeType = "application/xcap-att+xml";
    public const string NamespacesType = "application/xcap-ns+xml";

    public async ValueTask<XcapAnswer> GetAsync(XcapRequest request, CancellationToken cancellation)
    {
        var document = await FindAsync(request, cancellation);
        var answer = document is null ? null
            : request.Uri.Node is null ? Of(document, request.Usage.MediaType, document.Content)
            : await work.ComputeAsync(() => Read(request, request.Uri.Node, document), cancellation);
        var etag = document?.Entry.ETag;
        if (!request.Conditions.IsMatch(etag, exists: answer is not null))
            return XcapAnswer.Of(StatusCodes.Status412PreconditionFailed, "If-Match does not hold");

        if (answer is null)
            return XcapAnswer.NotFound;

        return request.Conditions.IsNoneMatch(etag, exists: true)
            ? answer
            : new(StatusCodes.Status304NotModified) { ETag = etag };
    }

    private ValueTask<StoredDocument?> FindAsync(XcapRequest request, CancellationToken cancellation) =>
        request.Usage.IsGenerated
            ? generated.FindAsync(request.Uri.Document, cancellation)
            : documents.FindAsync(request.Uri.Document, cancellation);

    private static XcapAnswer? Read(XcapRequest request, NodeSelector node, StoredDocument document)
    {
        if (!XmlOutline.TryRead(document.Content, out var outline, out _)
            || NodeSelection.Select(outline, node, request.Usage.DefaultNamespace) is not { } element)
            return null;

        if (node.SelectsNamespaces)
            return Of(document, NamespacesType, WriteNamespaces(element));

        if (node.Attribute is null)
            return Of(document, ElementType, Encoding.UTF8.GetBytes(element.TextIn(outline.Text)));

        if (NodeSelection.Attribute(element, node.Attribute) is not { } attribute)
            return null;

        var value = outline.Text[attribute.ValueStart..(attribute.End - 1)];
        return Of(document, AttributeType, Encoding.UTF8.GetBytes(value));
    }

    private static XcapAnswer Of(StoredDocument document, string type, ReadOnlyMemory<byte> body) =>
        new(StatusCodes.Status200OK) { ETag = document.Entry.ETag, ContentType = type, Body = body };

    // The element without content or attributes, with every prefix that holds in it.
    private static byte[] WriteNamespaces(OutlineElement element)
    {
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false) };
        using var output = new MemoryStream();
        using (var writer = XmlWriter.Create(output, settings))
        {
            writer.WriteStartElement(element.Prefix, element.Local, element.Namespace);
            foreach (var (prefix, uri) in element.NamespacesInScope())
            {
                if (prefix.Length == 0)
                    writer.WriteAttributeString("xmlns", uri);
                else
                    writer.WriteAttributeString("xmlns", prefix, null, uri);
            }

            writer.WriteEndElement();
        }

        return output.ToArray();
    }
}
