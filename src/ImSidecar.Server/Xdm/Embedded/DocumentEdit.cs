using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using Microsoft.AspNetCore.Http;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>What a request makes of a document; or why it is refused.</summary>
internal sealed record DocumentEdit
{
    private static readonly DocumentEdit _missing = Refuse(XcapAnswer.NotFound);

    private static readonly DocumentEdit _preconditionFailed =
        Refuse(XcapAnswer.Of(StatusCodes.Status412PreconditionFailed, "The condition does not hold"));

    public XcapAnswer? Refusal { get; private init; }

    /// <summary>Null deletes the document.</summary>
    public ReadOnlyMemory<byte>? Content { get; private init; }

    /// <summary>The resource was not there before.</summary>
    public bool IsNew { get; private init; }

    public IReadOnlyList<string> Groups { get; private init; } = [];

    public static DocumentEdit Put(
        DocumentRequest request, StoredDocument? current, ReadOnlyMemory<byte> body, DocumentValidation validation)
    {
        var etag = current?.Entry.ETag;
        if (request.Uri.Node is { } node)
            return PutNode(request, node, current, body, validation);

        if (!Holds(request, etag, exists: current is not null))
            return _preconditionFailed;

        return XmlOutline.TryRead(body, out var outline, out var error)
            ? Checked(request, outline, isNew: current is null, validation)
            : Refuse(XcapAnswer.Conflict(error));
    }

    public static DocumentEdit Delete(DocumentRequest request, StoredDocument? current, DocumentValidation validation)
    {
        var etag = current?.Entry.ETag;
        if (request.Uri.Node is not { } node || current is null)
        {
            return !Holds(request, etag, exists: current is not null) ? _preconditionFailed
                : current is null ? _missing
                : new();
        }

        var outline = Outline(current);
        if (!Holds(request, etag, Exists(request, node, outline)))
            return _preconditionFailed;

        var edit = node.Attribute is null
            ? NodeEdit.DeleteElement(outline, node, request.Usage.DefaultNamespace)
            : NodeEdit.DeleteAttribute(outline, node, request.Usage.DefaultNamespace);
        return Of(request, edit, validation);
    }

    private static DocumentEdit PutNode(
        DocumentRequest request, NodeSelector node, StoredDocument? current, ReadOnlyMemory<byte> body,
        DocumentValidation validation)
    {
        var outline = current is null ? null : Outline(current);
        if (!Holds(request, current?.Entry.ETag, exists: outline is not null && Exists(request, node, outline)))
            return _preconditionFailed;

        if (outline is null)
            return Refuse(XcapAnswer.Conflict(validation.NoDocument(request.Uri.Document)));

        if (!XmlOutline.TryDecode(body, out var text, out var error))
            return Refuse(XcapAnswer.Conflict(error));

        var ns = request.Usage.DefaultNamespace;
        Verdict? last = null;
        var edit = node.Attribute is null
            ? NodeEdit.PutElement(outline, node, ns, text, IsAcceptable)
            : NodeEdit.PutAttribute(outline, node, ns, text);
        return Of(request, edit, validation, last);

        bool IsAcceptable(XmlOutline next)
        {
            last = new(next, validation.Check(request, next));
            return last.Error is null;
        }
    }

    private static DocumentEdit Of(
        DocumentRequest request, NodeEditResult edit, DocumentValidation validation, Verdict? known = null)
    {
        if (edit.Document is { } document)
            return Checked(request, document, edit.IsNew, validation, known);

        if (edit.Error is not { } error)
            return _missing;

        return Refuse(XcapAnswer.Conflict(error.Kind == XcapErrorKind.NoParent
            ? error with { Ancestor = validation.Ancestor(request.Uri, edit.ExistingSteps) }
            : error));
    }

    private static DocumentEdit Checked(
        DocumentRequest request, XmlOutline document, bool isNew, DocumentValidation validation, Verdict? known = null)
    {
        var verdict = known is not null && known.Document == document
            ? known
            : new(document, validation.Check(request, document));
        return verdict.Error is { } error
            ? Refuse(XcapAnswer.Conflict(error))
            : new()
            {
                Content = document.ToBytes(),
                IsNew = isNew,
                Groups = DocumentValidation.GroupsOf(request, document),
            };
    }

    private static bool Holds(DocumentRequest request, string? etag, bool exists) =>
        request.Conditions.IsMatch(etag, exists) && request.Conditions.IsNoneMatch(etag, exists);

    private static bool Exists(DocumentRequest request, NodeSelector node, XmlOutline outline) =>
        NodeSelection.Select(outline, node, request.Usage.DefaultNamespace) is { } element
        && (node.Attribute is null || NodeSelection.Attribute(element, node.Attribute) is not null);

    // It was read before it was stored.
    private static XmlOutline Outline(StoredDocument document) =>
        XmlOutline.TryRead(document.Content, out var outline, out _)
            ? outline
            : throw new InvalidDataException("A stored document is not well-formed");

    private static DocumentEdit Refuse(XcapAnswer answer) => new() { Refusal = answer };

    /// <summary>A document is held against schema and constraints once, for that costs most.</summary>
    private sealed record Verdict(XmlOutline Document, XcapError? Error);
}
