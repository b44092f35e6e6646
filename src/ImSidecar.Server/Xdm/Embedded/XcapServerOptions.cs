using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>Section "XcapServer": the embedded XDMS.</summary>
internal sealed record XcapServerOptions
{
    public const string Section = "XcapServer";

    /// <summary>The XCAP root as clients know it; its path is what is served.</summary>
    public string Root { get; init; } = "http://127.0.0.1:8080/xcap-root/";

    /// <summary>Addresses or CIDR blocks of proxies whose asserted identity is believed.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>The one header in which they assert it.</summary>
    public string IdentityHeader { get; init; } = "X-3GPP-Asserted-Identity";

    /// <summary>user:realm:HA1 on each line; empty: no HTTP Digest.</summary>
    public string DigestFile { get; init; } = "";

    public string Realm { get; init; } = "example.com";

    public TimeSpan NonceLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wrong passwords of one user from one address, each minute.</summary>
    public int MaxFailures { get; init; } = 10;

    /// <summary>URIs of who may read and write every user's tree.</summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];

    /// <summary>URIs of who may look up every group by its URI.</summary>
    public IReadOnlyList<string> Readers { get; init; } = [];

    public bool MembersMayRead { get; init; }

    public int MaxDocumentBytes { get; init; } = 1024 * 1024;

    public int MaxDocumentsPerUser { get; init; } = 100;

    public long MaxBytesPerUser { get; init; } = 10 * 1024 * 1024;

    public int MaxGroupsPerUser { get; init; } = 100;

    public long CacheBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Requests in work, beyond which one is answered 503.</summary>
    public int MaxRequests { get; init; } = 128;

    /// <summary>How long the body of a request may take to arrive.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>As an absolute URI that ends with a slash; null when it is none.</summary>
    internal Uri? RootUri =>
        Uri.TryCreate(Root, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri.AbsolutePath.EndsWith('/')
        && uri.AbsolutePath.Length > 1
        && uri.Query.Length == 0
        && uri.Fragment.Length == 0
            ? uri
            : null;

    internal DocumentQuota Quota => new(MaxDocumentsPerUser, MaxBytesPerUser, MaxGroupsPerUser);

    internal static HashSet<string> Keys(IReadOnlyList<string> uris) =>
        uris.Select(DocumentSelector.Canonical).ToHashSet(StringComparer.Ordinal);
}
