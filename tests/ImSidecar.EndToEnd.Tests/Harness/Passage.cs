using ImSidecar.Client.Sip;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>One datagram that came to the forwarder; Copy counts those that say the same, from 1.</summary>
public sealed record Passage(DateTimeOffset At, bool IsFromHandset, SipMessage Message, int Copy)
{
    public bool IsToHandset => !IsFromHandset;

    /// <summary>An answer with that status to a request of that method.</summary>
    public bool Answers(string method, int status) => Message.Status == status && Message.CSeqMethod == method;

    public override string ToString() => $"{At:HH:mm:ss.fff} {(IsFromHandset ? "->" : "<-")} copy {Copy} {Message}";
}
