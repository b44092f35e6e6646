using System.Text;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>Reads bodies of 409 and holds them against the schemas in tests/vectors.</summary>
internal static class XcapErrors
{
    private static readonly XmlSchemaSet _schemas = Load();

    public static XElement Read(Answer answer)
    {
        Assert.Equal(409, answer.Code);
        Assert.Equal(XcapError.MediaType, answer.Type);
        var document = XDocument.Parse(answer.Body);
        Validate(answer.Body);
        Assert.Equal(XName.Get("xcap-error", XcapError.Namespace), document.Root!.Name);
        var element = Assert.Single(document.Root.Elements());
        return element.Name.LocalName == "extension" ? Assert.Single(element.Elements()) : element;
    }

    public static void Validate(string body)
    {
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema, Schemas = _schemas };
        settings.ValidationFlags |= XmlSchemaValidationFlags.ReportValidationWarnings;
        settings.ValidationEventHandler += (_, problem) => Assert.Fail(problem.Message);
        using var reader = XmlReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(body)), settings);
        while (reader.Read())
        {
        }
    }

    private static XmlSchemaSet Load()
    {
        var schemas = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        string[] files = ["xcap-error.xsd", "oma-xcap-error.xsd", "xcap-caps.xsd", "oma-xcap-directory.xsd"];
        foreach (var file in files)
            schemas.Add(null, Path.Combine(Root(), "tests", "vectors", "xsd", file));
        schemas.Compile();
        return schemas;
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ImSidecar.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("No ImSidecar.sln above " + AppContext.BaseDirectory);
    }
}
