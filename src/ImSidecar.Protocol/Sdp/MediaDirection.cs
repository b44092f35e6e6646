namespace ImSidecar.Protocol.Sdp;

/// <summary>Which way media may flow, seen from the side that says it, RFC 4566 6.</summary>
public enum MediaDirection
{
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}
