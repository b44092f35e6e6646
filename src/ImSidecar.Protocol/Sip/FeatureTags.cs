namespace ImSidecar.Protocol.Sip;

/// <summary>The feature tags of OMA SIMPLE IM and conferencing, RFC 3840 and RFC 4579.</summary>
public static class FeatureTags
{
    public const string Im = "+g.oma.sip-im";
    public const string Focus = "isfocus";

    /// <summary>True for a focus: the Contact header parameter, or, as some send it, a parameter of its URI.</summary>
    public static bool IsFocus(this NameAddress contact) =>
        contact.Parameter(Focus) is not null || contact.Uri.Parameter(Focus) is not null;
}
