namespace ImSidecar.Client.Calls;

/// <summary>Where the caller's session description stands, RFC 3261 13.2.1.</summary>
public enum SdpOffer
{
    /// <summary>An offer in the INVITE.</summary>
    InInvite,

    /// <summary>None in the INVITE; the answer to the offer of the 200 goes into the ACK.</summary>
    Late,

    /// <summary>No session description at all.</summary>
    None,
}
