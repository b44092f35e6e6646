using ImSidecar.Client.Msrp;

namespace ImSidecar.Client.Calls;

/// <summary>How to invite, and what to do wrong or differently on purpose.</summary>
public sealed record InviteOptions
{
    public string? Subject { get; init; }

    /// <summary>Take the place of headers of ours with the same name; a null value removes it.</summary>
    public IReadOnlyList<(string Name, string? Value)> Headers { get; init; } = [];

    /// <summary>Sent instead of our own body.</summary>
    public (string ContentType, ReadOnlyMemory<byte> Body)? RawBody { get; init; }

    public SdpOffer Offer { get; init; } = SdpOffer.InInvite;

    public MsrpOptions Msrp { get; init; } = new();

    /// <summary>Content-Encoding of the recipient list: "deflate", "gzip" or null.</summary>
    public string? ListEncoding { get; init; }

    /// <summary>Session-Expires as it stands; null leaves it out.</summary>
    public string? SessionExpires { get; init; } = "1800";

    /// <summary>False never refreshes the session and never ends it for want of a refresh.</summary>
    public bool KeepsSessionTimer { get; init; } = true;

    /// <summary>False leaves the 2xx without an ACK until <see cref="Call.Acknowledge"/>.</summary>
    public bool SendsAck { get; init; } = true;
}
