namespace ImSidecar.Protocol.Sdp;

/// <summary>Who opens the connection: a=setup, RFC 4145 4 and RFC 6135.</summary>
public enum SetupRole
{
    Active,
    Passive,
    ActPass,
    HoldConn,
}
