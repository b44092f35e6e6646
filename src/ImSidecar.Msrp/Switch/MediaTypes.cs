using ImSidecar.Protocol.Mime;

namespace ImSidecar.Msrp.Switch;

/// <summary>The little the switch needs to know of media types.</summary>
internal static class MediaTypes
{
    public const string Cpim = "message/cpim";

    // Longer ones are refused: they are copied into every chunk.
    private const int MaxLength = 512;

    /// <summary>type/subtype without parameters.</summary>
    public static string Essence(string contentType) => AcceptedTypes.Essence(contentType);

    public static bool IsUsable(string contentType) =>
        contentType.Length is > 2 and <= MaxLength && System.Text.Ascii.IsValid(contentType)
        && contentType.IndexOf('/', StringComparison.Ordinal) > 0;

    public static bool IsCpim(string contentType) =>
        contentType.StartsWith(Cpim, StringComparison.OrdinalIgnoreCase)
        && Essence(contentType).Length == Cpim.Length;
}
