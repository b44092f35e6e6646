using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Deferred;

/// <summary>A message that is kept for somebody who was away, with all that its push needs; App. D.2, IM 11.</summary>
public sealed record DeferredMessage
{
    /// <summary>Orders the messages of one user; the store gives it, from 1 on, never twice.</summary>
    public long Number { get; init; }

    /// <summary>Whose it is: the key of <see cref="Participating.ServedAddress"/>.</summary>
    public required string User { get; init; }

    /// <summary>The same for each copy of the same message, which is stored once.</summary>
    public required string Key { get; init; }

    /// <summary>His address, as it was called.</summary>
    public required SipUri Recipient { get; init; }

    /// <summary>Who hears what becomes of it: as the core knows him.</summary>
    public required SipUri Sender { get; init; }

    /// <summary>Nobody is told who that is.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>As it was said, for those who see a list; empty: none.</summary>
    public string Subject { get; init; } = "";

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>From then on nobody gets it.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What the sender wants to hear, RFC 5438; null: nothing.</summary>
    public DeferredNotices? Notices { get; init; }

    public required DeferredContent Content { get; init; }
}

/// <summary>
/// What is pushed, byte for byte: a SIP MESSAGE, or the INVITE of a session with one MSRP SEND out of it; App. D.2.
/// </summary>
/// <param name="Sip">
/// The MESSAGE, whole but for what only hops use, with the Date of its reception; or of the INVITE what was kept of it.
/// </param>
/// <param name="Msrp">The SEND as one chunk with its headers, the Date of its reception among them; empty: none.</param>
public sealed record DeferredContent(ReadOnlyMemory<byte> Sip, ReadOnlyMemory<byte> Msrp)
{
    public bool IsPageMode => Msrp.IsEmpty;

    public long Size => Sip.Length + (long)Msrp.Length;
}

/// <summary>What the sender asked to be told, RFC 5438 6.1, and what a notification repeats of his message.</summary>
/// <param name="MessageId">The imdn.Message-ID.</param>
/// <param name="DateTime">The CPIM DateTime, as it was written.</param>
public sealed record DeferredNotices(
    string MessageId, string DateTime, bool Delivery, bool NegativeDelivery)
{
    /// <summary>Where notifications go instead of to the sender, IMDN-Record-Route; null: to him.</summary>
    public string? Route { get; init; }
}

/// <summary>A message of a list: all but its content.</summary>
public sealed record DeferredEntry(
    long Number, SipUri Sender, bool IsAnonymous, string Subject, bool IsPageMode, long Size,
    DateTimeOffset ReceivedAt, DateTimeOffset ExpiresAt);
