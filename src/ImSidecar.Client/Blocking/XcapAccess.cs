namespace ImSidecar.Client.Blocking;

/// <summary>Where the user's documents are, RFC 4825, and how he says there who he is.</summary>
public sealed record XcapAccess
{
    /// <summary>The XCAP root, "http://xcap.example.com/xcap-root".</summary>
    public required Uri Root { get; init; }

    /// <summary>The user's part of the path, his XUI: "sip:alice@example.com".</summary>
    public required string User { get; init; }

    /// <summary>For HTTP Digest: the part of the address before the "@".</summary>
    public required string Name { get; init; }

    public string Password { get; init; } = "";

    /// <summary>A header field that says it without proof, as a proxy of the XDMS would; null: none.</summary>
    public string? IdentityHeader { get; init; }
}
