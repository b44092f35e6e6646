namespace ImSidecar.Core.Conferences;

/// <summary>A re-INVITE of the peer that we accepted and whose ACK is awaited, RFC 3261 14.2.</summary>
public sealed record PendingReinvite(string Transaction, DateTimeOffset AckBy)
{
    /// <summary>Our 200 carried the offer: the ACK brings the answer.</summary>
    public bool AwaitsAnswer { get; init; }

    /// <summary>What the re-INVITE changed: it holds again if our 200 could not be sent; null: nothing.</summary>
    public LegMedia? Before { get; init; }
}
