namespace ImSidecar.Core.Deferred;

/// <summary>How bringing messages to a user ended; what he has not confirmed stays where it is.</summary>
public enum DeliveryOutcome
{
    /// <summary>Nothing is left for him.</summary>
    Drained,

    /// <summary>What is left cannot go in this session: it is too large for the peer, or of a type he does not take.</summary>
    Unsuited,

    /// <summary>The connection is gone.</summary>
    Lost,

    /// <summary>The peer wants no more.</summary>
    Refused,

    /// <summary>Another session brings him his messages.</summary>
    Busy,

    /// <summary>The store cannot be read or written.</summary>
    StoreUnavailable,
}
