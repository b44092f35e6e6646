namespace ImSidecar.Msrp;

/// <summary>What there is in the relay, for operators.</summary>
public interface IMsrpRelay
{
    int Count { get; }

    /// <summary>Sessions with a larger number, of one user or with an empty one of all, in order.</summary>
    IReadOnlyList<MsrpRelaySession> List(string user, long after, int most);

    /// <summary>Ends a session as its expiry would; false: there is none.</summary>
    bool End(long number);
}

/// <summary>A session of the relay, RFC 4976 5; its URI is a secret and not told.</summary>
/// <param name="Number">By which operators call it; 1, 2, 3 ... since the start.</param>
/// <param name="Address">Of the client; empty while it is not connected.</param>
public sealed record MsrpRelaySession(long Number, string User, string Address, DateTimeOffset ExpiresAt);
