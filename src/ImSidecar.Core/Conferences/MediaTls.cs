namespace ImSidecar.Core.Conferences;

/// <summary>When MSRP goes over TLS, RFC 4975 14.</summary>
public enum MediaTls
{
    /// <summary>As the peer offers; what we offer is without.</summary>
    Offered,

    /// <summary>Never: an offer of it is refused.</summary>
    Never,

    /// <summary>Always: an offer without is refused.</summary>
    Always,
}
