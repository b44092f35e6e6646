namespace ImSidecar.Core.Conferences;

/// <summary>All a rule may know besides the conference and the event; read by the shell before the rule runs.</summary>
public sealed record Facts
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>32 fresh random bytes; every id and token of the decision is derived from them.</summary>
    public required ReadOnlyMemory<byte> Entropy { get; init; }

    public required OperatorPolicy Operator { get; init; }

    /// <summary>Null: we have no certificate, so no TLS for MSRP.</summary>
    public SecureMedia? SecureMedia { get; init; }

    /// <summary>The pre-defined group that the event or the conference is about; null when it is about none.</summary>
    public GroupFacts? Group { get; init; }

    /// <summary>Subscriptions to conference state that this node has, for one more.</summary>
    public int SubscriptionsOfNode { get; init; }

    /// <summary>For a subscription to documents; null for everything else.</summary>
    public DocumentFacts? Documents { get; init; }

    /// <summary>For a served user; null for everything else.</summary>
    public ServedFacts? Served { get; init; }

    /// <summary>For a session with the message store; null for everything else.</summary>
    public DeferredFacts? Deferred { get; init; }

    /// <summary>For our own subscription to a remote XDMS; null when there is to be none, and for everything else.</summary>
    public WatchFacts? Watch { get; init; }

    /// <summary>For a message to several: how many of them the node has already.</summary>
    public int MessagesHeld { get; init; }

    /// <summary>And how many of those are its sender's.</summary>
    public int MessagesOfSender { get; init; }
}
