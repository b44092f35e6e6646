namespace ImSidecar.Protocol.ResourceLists;

/// <summary>What a recipient is to the others, RFC 5364 4.</summary>
public enum CopyControl
{
    To,
    Cc,
    Bcc,
}
