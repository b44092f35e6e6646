namespace ImSidecar.Protocol.Sip;

/// <summary>A Warning header field with code 399, RFC 3261 20.43: the reason of a refusal for people.</summary>
public readonly record struct Warning(string Agent, string Text)
{
    public override string ToString() => "399 " + Agent + " " + SipParameters.Quote(Text);
}
