using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Schema;

namespace ImSidecar.Protocol.Tests;

/// <summary>Validates documents against the schemas of tests/vectors/xsd.</summary>
internal sealed partial class Schemas
{
    private readonly XmlSchemaSet _schemas = new() { XmlResolver = new XmlUrlResolver() };

    private Schemas(string file)
    {
        _schemas.Add(null, Path.Combine(Vectors.Root, "xsd", file));
        _schemas.Compile();
    }

    public static Schemas ConferenceInfo { get; } = new("conference-info.xsd");

    public static Schemas ResourceLists { get; } = new("urilist-driver.xsd");

    public static Schemas GroupDocument { get; } = new("own-group-document.xsd");

    public static Schemas XcapDiff { get; } = new("xcap-diff.xsd");

    /// <summary>What the schema has against the document; empty when it is valid.</summary>
    public IReadOnlyList<string> Errors(byte[] document)
    {
        var errors = new List<string>();
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema, Schemas = _schemas };
        settings.ValidationEventHandler += (_, problem) => errors.Add(problem.Message);

        using var reader = XmlReader.Create(new MemoryStream(document), settings);
        reader.MoveToContent();
        if (reader.SchemaInfo?.SchemaElement is null)
            errors.Add("No schema knows " + reader.Name);

        while (reader.Read())
        {
        }

        return errors;
    }

    /// <summary>The document's text without line breaks and indents, so that two layouts of it are equal.</summary>
    public static string WithoutLayout(byte[] document) =>
        Blanks().Replace(Gaps().Replace(Encoding.UTF8.GetString(document).Trim(), "><"), " ")
            .Replace(" />", "/>", StringComparison.Ordinal);

    [GeneratedRegex(@">\s+<")]
    private static partial Regex Gaps();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
