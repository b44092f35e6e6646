using System.Text;
using System.Xml;

namespace ImSidecar.Protocol.Mime;

/// <summary>How XML bodies are read and written: no DTD, no entities, nothing fetched, UTF-8 out.</summary>
public static class XmlBody
{
    private static readonly XmlReaderSettings Reading = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = true,
    };

    private static readonly XmlWriterSettings Writing = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        OmitXmlDeclaration = true,
    };

    public static XmlReader Open(ReadOnlyMemory<byte> body) =>
        XmlReader.Create(new MemoryStream(body.ToArray(), writable: false), Reading);

    public static byte[] Write(Action<XmlWriter> content)
    {
        using var output = new MemoryStream();
        output.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8);
        using (var writer = XmlWriter.Create(output, Writing))
            content(writer);

        return output.ToArray();
    }

    /// <summary>The text without the characters that XML 1.0 cannot carry.</summary>
    public static string Clean(string text)
    {
        if (IsClean(text))
            return text;

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (rune.Value is '\t' or '\n' or '\r' or (>= ' ' and not 0xFFFE and not 0xFFFF))
                clean.Append(rune.ToString());

        return clean.ToString();
    }

    private static bool IsClean(string text)
    {
        foreach (var character in text)
            if (!XmlConvert.IsXmlChar(character))
                return false;

        return true;
    }
}
