namespace ImSidecar.Client.Sip;

/// <summary>Something the peer did that the specification forbids: where it says so, and what was seen.</summary>
public sealed record ProtocolViolation(string Rule, string Detail, string Message)
{
    public static ProtocolViolation Of(string rule, string detail, SipMessage message) =>
        new(rule, detail, $"{message} [{message.CallId} {message["CSeq"]}]");

    public override string ToString() => $"{Rule}: {Detail} in {Message}";
}
