namespace ImSidecar.Protocol.Sip;

/// <summary>One header field of a SIP message, unfolded and trimmed; RFC 3261 7.3.</summary>
public readonly record struct SipHeader(string Name, string Value)
{
    public override string ToString() => Name + ": " + Value;
}
