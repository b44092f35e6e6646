using System.Text;
using System.Xml;

namespace ImSidecar.Protocol.Xdm;

/// <summary>
/// Where each element of a document stands in its text, so that a node is read and replaced without touching the rest.
/// </summary>
public sealed class XmlOutline
{
    public const int MaxDepth = 64;
    public const int MaxElements = 100_000;

    private static readonly UTF8Encoding _strict = new(false, throwOnInvalidBytes: true);

    private XmlOutline(string text, OutlineElement root)
    {
        Text = text;
        Root = root;
    }

    public string Text { get; }

    public OutlineElement Root { get; }

    /// <summary>The document's bytes, UTF-8 without a byte order mark.</summary>
    public byte[] ToBytes() => _strict.GetBytes(Text);

    /// <summary>Reads a whole document; the error is that of RFC 4825 11.2.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> document, out XmlOutline outline, out XcapError error)
    {
        outline = null!;
        return TryDecode(document, out var text, out error) && TryRead(text, out outline, out error);
    }

    public static bool TryRead(string text, out XmlOutline outline, out XcapError error)
    {
        outline = null!;
        if (!IsWellFormed(text, context: null, out error))
            return false;

        outline = new(text, OutlineScanner.Read(text, inScope: null));
        return true;
    }

    /// <summary>
    /// Reads an element that is to stand below a parent, RFC 4825 8.2.3: the parent's prefixes hold for it.
    /// </summary>
    public static bool TryReadFragment(
        string text, OutlineElement? parent, out OutlineElement element, out XcapError error)
    {
        element = null!;
        var context = new XmlParserContext(null, parent?.Manager(), null, XmlSpace.None);
        if (text.AsSpan().TrimStart().StartsWith("<?xml ") || !IsWellFormed(text, context, out _))
        {
            error = new(XcapErrorKind.NotXmlFragment, "The body is not one well-formed element");
            return false;
        }

        error = null!;
        element = OutlineScanner.Read(text, parent);
        return true;
    }

    /// <summary>UTF-8 only; a byte order mark is dropped.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> body, out string text, out XcapError error)
    {
        error = new(XcapErrorKind.NotUtf8, "The body is not UTF-8");
        text = "";
        var bytes = body.Span;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            bytes = bytes[3..];

        try
        {
            text = _strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        return !DeclaresOtherEncoding(text);
    }

    private static bool DeclaresOtherEncoding(string text)
    {
        if (!text.StartsWith("<?xml", StringComparison.Ordinal))
            return false;

        var end = text.IndexOf("?>", StringComparison.Ordinal);
        var at = end < 0 ? -1 : text.AsSpan(0, end).IndexOf("encoding");
        if (at < 0)
            return false;

        var value = text[(at + "encoding".Length)..end].Trim(' ', '\t', '\r', '\n', '=', '"', '\'');
        return !value.StartsWith("utf-8", StringComparison.OrdinalIgnoreCase)
            && !value.StartsWith("us-ascii", StringComparison.OrdinalIgnoreCase);
    }

    // One element, and around it at most what may stand around a root. No DTD, so no entities either.
    private static bool IsWellFormed(string text, XmlParserContext? context, out XcapError error)
    {
        error = new(XcapErrorKind.NotWellFormed, "The body is not well-formed XML without DTD");
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            ConformanceLevel = context is null ? ConformanceLevel.Document : ConformanceLevel.Fragment,
        };
        var roots = 0;
        var elements = 0;
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), settings, context);
            while (reader.Read())
            {
                var isText = reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA;
                if (reader.Depth == 0 && (isText || (reader.NodeType == XmlNodeType.Element && ++roots > 1)))
                    return false;

                if (reader.NodeType == XmlNodeType.Element && (++elements > MaxElements || reader.Depth >= MaxDepth))
                {
                    error = new(XcapErrorKind.ConstraintFailure, "Too many elements, or nested too deep");
                    return false;
                }
            }
        }
        catch (XmlException)
        {
            return false;
        }

        return roots == 1;
    }
}
