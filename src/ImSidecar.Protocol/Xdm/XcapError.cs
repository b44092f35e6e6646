using System.Collections.Immutable;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Why a document cannot be as it was asked for: the body of a 409, RFC 4825 11.</summary>
public sealed record XcapError(XcapErrorKind Kind, string? Phrase = null)
{
    public const string MediaType = "application/xcap-error+xml";
    public const string Namespace = "urn:ietf:params:xml:ns:xcap-error";
    public const string OmaNamespace = "urn:oma:xml:xdm:xcap-error";

    /// <summary>Of no-parent: the URI of the closest ancestor that exists.</summary>
    public string? Ancestor { get; init; }

    /// <summary>
    /// Of uniqueness-failure, one for each field at least one; of local-constraint-failure what would be accepted.
    /// </summary>
    public ImmutableArray<XcapConflict> Conflicts { get; init; } = [];

    public byte[] Write() => XmlBody.Write(writer =>
    {
        writer.WriteStartElement("xcap-error", Namespace);
        var isLocal = Kind == XcapErrorKind.LocalConstraintFailure;
        if (isLocal)
        {
            writer.WriteStartElement("extension", Namespace);
            writer.WriteStartElement("local-constraint-failure", OmaNamespace);
        }
        else
            writer.WriteStartElement(Name(Kind), Namespace);

        if (Phrase is not null)
            writer.WriteAttributeString("phrase", XmlBody.Clean(Phrase));
        if (Ancestor is not null)
            writer.WriteElementString("ancestor", Namespace, XmlBody.Clean(Ancestor));
        foreach (var conflict in Conflicts)
        {
            if (isLocal)
                conflict.WriteAlternatives(writer);
            else
                conflict.Write(writer);
        }

        writer.WriteEndElement();
    });

    private static string Name(XcapErrorKind kind) => kind switch
    {
        XcapErrorKind.NotWellFormed => "not-well-formed",
        XcapErrorKind.NotXmlFragment => "not-xml-frag",
        XcapErrorKind.NoParent => "no-parent",
        XcapErrorKind.SchemaValidationError => "schema-validation-error",
        XcapErrorKind.NotXmlAttributeValue => "not-xml-att-value",
        XcapErrorKind.CannotInsert => "cannot-insert",
        XcapErrorKind.CannotDelete => "cannot-delete",
        XcapErrorKind.UniquenessFailure => "uniqueness-failure",
        XcapErrorKind.NotUtf8 => "not-utf-8",
        _ => "constraint-failure",
    };
}

/// <summary>A field whose value is taken, as a path in the document, and values that are not.</summary>
public sealed record XcapConflict(string Field, ImmutableArray<string> Alternatives)
{
    internal void Write(System.Xml.XmlWriter writer)
    {
        writer.WriteStartElement("exists", XcapError.Namespace);
        writer.WriteAttributeString("field", XmlBody.Clean(Field));
        foreach (var value in Alternatives)
            writer.WriteElementString("alt-value", XcapError.Namespace, XmlBody.Clean(value));
        writer.WriteEndElement();
    }

    internal void WriteAlternatives(System.Xml.XmlWriter writer)
    {
        foreach (var value in Alternatives)
        {
            writer.WriteStartElement("alt-value", XcapError.OmaNamespace);
            writer.WriteAttributeString("field", XmlBody.Clean(Field));
            writer.WriteString(XmlBody.Clean(value));
            writer.WriteEndElement();
        }
    }
}

/// <summary>The error elements of RFC 4825 11.2, and the one that OMA XDM adds for local policy.</summary>
public enum XcapErrorKind
{
    NotWellFormed,
    NotXmlFragment,
    NoParent,
    SchemaValidationError,
    NotXmlAttributeValue,
    CannotInsert,
    CannotDelete,
    UniquenessFailure,
    ConstraintFailure,
    NotUtf8,
    LocalConstraintFailure,
}
