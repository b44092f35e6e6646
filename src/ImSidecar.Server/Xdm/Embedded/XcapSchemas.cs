using System.Reflection;
using System.Xml;
using System.Xml.Schema;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>The schemas in this assembly, and documents held against them.</summary>
internal static class XcapSchemas
{
    private const string Prefix = "ImSidecar.Server.Xdm.Embedded.Schemas.";

    // Read when a document is first written.
    private static readonly Lazy<XmlSchemaSet> _schemas = new(Load);

    /// <summary>The namespaces that documents are held against, those of extensions too.</summary>
    public static IEnumerable<string> Namespaces =>
        _schemas.Value.Schemas().Cast<XmlSchema>().Select(schema => schema.TargetNamespace).OfType<string>();

    /// <summary>What the schema has against the document; null when it is valid.</summary>
    public static XcapError? Check(XmlOutline document)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            ValidationType = ValidationType.Schema,
            Schemas = _schemas.Value,
        };
        string? problem = null;
        settings.ValidationEventHandler += (_, found) => problem ??= found.Message;
        using var reader = XmlReader.Create(new StringReader(document.Text), settings);
        while (problem is null && reader.Read())
        {
        }

        return problem is null ? null : new(XcapErrorKind.SchemaValidationError, problem);
    }

    private static XmlSchemaSet Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var schemas = new XmlSchemaSet { XmlResolver = null };
        foreach (var name in assembly.GetManifestResourceNames())
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
                continue;

            using var stream = assembly.GetManifestResourceStream(name)!;
            using var reader = XmlReader.Create(stream, new() { DtdProcessing = DtdProcessing.Prohibit });
            schemas.Add(null, reader);
        }

        schemas.Compile();
        return schemas;
    }
}
