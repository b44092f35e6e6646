using ImSidecar.Client.Msrp;

namespace ImSidecar.Client.Calls;

/// <summary>How to answer an INVITE with 200.</summary>
public sealed record AcceptOptions
{
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Sent instead of our own body.</summary>
    public (string ContentType, ReadOnlyMemory<byte> Body)? RawBody { get; init; }

    public MsrpOptions Msrp { get; init; } = new();

    /// <summary>False never refreshes the session and never ends it for want of a refresh.</summary>
    public bool KeepsSessionTimer { get; init; } = true;
}
