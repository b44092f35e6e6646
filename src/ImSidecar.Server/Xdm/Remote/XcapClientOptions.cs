namespace ImSidecar.Server.Xdm.Remote;

/// <summary>Section "XcapClient": the operator's XDMS, asked when Xdm:Mode is Remote.</summary>
internal sealed record XcapClientOptions
{
    public const string Section = "XcapClient";

    /// <summary>The XCAP root, http or https.</summary>
    public string Root { get; init; } = "";

    /// <summary>The folder of the global tree in which groups are looked up by their URI.</summary>
    public string GroupFolder { get; init; } = "byGroupID";

    /// <summary>Who we say we are; empty: nobody.</summary>
    public string AssertedIdentity { get; init; } = "";

    /// <summary>In the tree of a user we say that we are he.</summary>
    public bool AssertOwner { get; init; } = true;

    /// <summary>The header field that says so.</summary>
    public string IdentityHeader { get; init; } = "X-3GPP-Asserted-Identity";

    /// <summary>User of HTTP Digest; empty: none.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The file whose first line is his password; read at start.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>One GET, from the connection to the last byte.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a GET is repeated that got no answer or a 5xx.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>How long an XDMS that does not answer is left alone before it is tried again.</summary>
    public TimeSpan BreakFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a document is believed before the XDMS is asked whether it has changed.</summary>
    public TimeSpan RevalidateAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The same while the XDMS tells us of changes (xcap-diff).</summary>
    public TimeSpan RevalidateWatchedAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a document serves that can no longer be asked for; then it is unavailable.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long it is believed that there is no such document, or that we may not read it.</summary>
    public TimeSpan AbsentFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after the last use a document is kept current.</summary>
    public TimeSpan InUseFor { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Documents kept in memory, and as many that do not exist.</summary>
    public int MaxDocuments { get; init; } = 10_000;

    /// <summary>A larger document is unavailable.</summary>
    public int MaxDocumentBytes { get; init; } = 1024 * 1024;

    /// <summary>All documents in memory.</summary>
    public long MaxCacheBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>GETs at a time, each on a connection of its own.</summary>
    public int MaxConcurrent { get; init; } = 32;

    /// <summary>SIP URI at which the XDMS tells of changes; empty: it is asked only.</summary>
    public string SubscribeTo { get; init; } = "";
}
