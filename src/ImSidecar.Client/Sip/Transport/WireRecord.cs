namespace ImSidecar.Client.Sip.Transport;

/// <summary>One message as it was sent or received, for looking at what really went over the wire.</summary>
public sealed record WireRecord(DateTimeOffset At, bool IsOutgoing, SipFlow Flow, SipMessage Message)
{
    public override string ToString() => $"{(IsOutgoing ? "->" : "<-")} {Flow} {Message}";
}
