namespace ImSidecar.Digest;

/// <summary>What became of credentials.</summary>
public enum DigestResult
{
    Good,

    /// <summary>Nobody, or a wrong password: asked again.</summary>
    Wrong,

    /// <summary>The password was right, the nonce is not new enough any more.</summary>
    Stale,

    /// <summary>Too many wrong passwords; not even looked at.</summary>
    Locked,

    /// <summary>They are for another URI than the request.</summary>
    OtherUri,
}

/// <summary>The outcome; when it is good, who it is, as he wrote himself too, and our proof for the answer.</summary>
public sealed record DigestVerdict(
    DigestResult Result, DigestUser? User = null, string UserName = "", string ResponseProof = "");
