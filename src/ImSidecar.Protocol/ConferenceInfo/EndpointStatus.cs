namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>Status of an endpoint, RFC 4575 5.7.3.</summary>
public enum EndpointStatus
{
    Pending,
    DialingOut,
    DialingIn,
    Alerting,
    OnHold,
    Connected,
    MutedViaFocus,
    Disconnecting,
    Disconnected,
}
