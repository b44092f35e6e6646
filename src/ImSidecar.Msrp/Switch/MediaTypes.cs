using System.Text;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>The little the switch needs to know of media types.</summary>
internal static class MediaTypes
{
    public const string Cpim = "message/cpim";

    // Longer ones are refused: they are copied into every chunk.
    private const int MaxLength = 512;
    private const int MaxFields = 1024;

    /// <summary>type/subtype without parameters.</summary>
    public static string Essence(string contentType) => AcceptedTypes.Essence(contentType);

    public static bool IsUsable(string contentType) =>
        contentType.Length is > 2 and <= MaxLength && Ascii.IsValid(contentType)
        && contentType.IndexOf('/', StringComparison.Ordinal) > 0;

    /// <summary>
    /// MIME fields besides Content-Type, to be passed on; as many as are short, and none that says who hides.
    /// </summary>
    public static string FieldsOf(MsrpHead head, SwitchLeg sender)
    {
        if (!head.HasMimeFields)
            return "";

        var fields = new StringBuilder();
        foreach (var (name, value) in head.MimeFields)
        {
            if (fields.Length + name.Length + value.Length <= MaxFields && Ascii.IsValid(name) && Ascii.IsValid(value)
                && !(sender.Leg.IsAnonymous && sender.NamesPeer(value)))
                fields.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return fields.ToString();
    }

    /// <summary>The content is not as it will be read.</summary>
    public static bool IsEncoded(string fields) =>
        fields.Contains("Content-Transfer-Encoding:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Text that UTF-8 can be put before.</summary>
    public static bool IsUtf8Text(string contentType)
    {
        var charset = contentType.IndexOf("charset", StringComparison.OrdinalIgnoreCase);
        return Essence(contentType).Equals("text/plain", StringComparison.OrdinalIgnoreCase)
            && (charset < 0 || contentType.AsSpan(charset).Contains("utf-8", StringComparison.OrdinalIgnoreCase)
                || contentType.AsSpan(charset).Contains("us-ascii", StringComparison.OrdinalIgnoreCase));
    }

    public static bool IsCpim(string contentType) =>
        contentType.StartsWith(Cpim, StringComparison.OrdinalIgnoreCase)
        && Essence(contentType).Length == Cpim.Length;
}
