namespace ImSidecar.Msrp;

/// <summary>Why a leg has no connection.</summary>
public enum MsrpLoss
{
    /// <summary>The peer closed it.</summary>
    Closed,

    /// <summary>It broke.</summary>
    Broken,

    /// <summary>The peer wrote what is not MSRP.</summary>
    Malformed,

    /// <summary>The peer did not read for too long.</summary>
    Stalled,

    /// <summary>We could not connect.</summary>
    ConnectFailed,

    /// <summary>The peer did not connect in time.</summary>
    NeverConnected,

    /// <summary>The peer says that it does not know the session.</summary>
    UnknownToPeer,

    /// <summary>TLS does not show who the leg is for.</summary>
    NotProven,

    /// <summary>Nothing came any more, not even an answer to whether the peer lives.</summary>
    Silent,
}
