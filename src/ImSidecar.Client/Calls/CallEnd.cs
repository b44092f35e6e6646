using ImSidecar.Client.Sip;

namespace ImSidecar.Client.Calls;

/// <summary>How a call ended.</summary>
public enum CallEndedBy
{
    Us,
    Peer,
    NoAck,
    SessionTimer,
}

/// <summary>Who ended a call, and the peer's BYE if it was the peer.</summary>
public sealed record CallEnd(CallEndedBy By, SipMessage? Bye = null);
