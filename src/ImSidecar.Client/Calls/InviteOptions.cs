namespace ImSidecar.Client.Calls;

/// <summary>How to invite, and what to do wrong or differently on purpose.</summary>
public sealed record InviteOptions
{
    public string? Subject { get; init; }

    /// <summary>Added as they stand, also where they replace what we would send.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Sent instead of our own body.</summary>
    public (string ContentType, ReadOnlyMemory<byte> Body)? RawBody { get; init; }

    /// <summary>Session-Expires as it stands; null leaves it out.</summary>
    public string? SessionExpires { get; init; } = "1800";

    /// <summary>False leaves the 2xx without an ACK until the test sends it.</summary>
    public bool SendsAck { get; init; } = true;
}
