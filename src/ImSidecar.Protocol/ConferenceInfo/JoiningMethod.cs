namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>How an endpoint came in, RFC 4575 5.7.4.</summary>
public enum JoiningMethod
{
    DialedIn,
    DialedOut,
    FocusOwner,
}
