namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>How an endpoint went away, RFC 4575 5.7.6.</summary>
public enum DisconnectionMethod
{
    Departed,
    Booted,
    Failed,
    Busy,
}
