namespace ImSidecar.Protocol.Msrp;

/// <summary>Method of a request, RFC 4975 12, RFC 4976 and RFC 7701; None for a response.</summary>
public enum MsrpMethod : byte
{
    None,
    Send,
    Report,
    Auth,
    Nickname,

    /// <summary>Well formed, but none we know: 501.</summary>
    Unknown,
}
