using System.Collections.Immutable;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Conferences;

/// <summary>Something that happened to an aggregate; past tense, a closed set.</summary>
public abstract record AggregateEvent
{
    private protected AggregateEvent()
    {
    }
}

/// <summary>A request arrived and waits for our reply.</summary>
public sealed record RequestArrived(ImRequest Request) : AggregateEvent;

/// <summary>A CANCEL ended the peer's INVITE; it was answered 487.</summary>
public sealed record InviteCancelled(string Transaction) : AggregateEvent;

/// <summary>The ACK for our 2xx arrived, with the answer if our 2xx carried the offer.</summary>
public sealed record InviteAcknowledged(string? Transaction, DialogId Dialog, ReadOnlyMemory<byte> Body)
    : AggregateEvent;

/// <summary>No ACK came for our 2xx.</summary>
public sealed record AckTimedOut(string? Transaction, DialogId Dialog) : AggregateEvent;

/// <summary>The transaction ended with another final code than ours, or was lost.</summary>
public sealed record RequestTransactionEnded(string Transaction, int Code) : AggregateEvent;

/// <summary>A response to a request of ours.</summary>
public sealed record ResponseArrived(ActionKey Key, SipResponse Response) : AggregateEvent
{
    /// <summary>A 2xx to an INVITE that a Kamailio before this one has sent: nobody acknowledges its copies.</summary>
    public bool IsStray { get; init; }
}

/// <summary>The MSRP leg of that session id has a connection.</summary>
public sealed record LegConnected(string SessionId) : AggregateEvent;

/// <summary>The MSRP leg of that session id has had no connection for as long as it may.</summary>
public sealed record LegLost(string SessionId) : AggregateEvent;

/// <summary>Who has that MSRP leg wants to be called so, RFC 7701 7; empty: no longer. He waits.</summary>
public sealed record NicknameAsked(string SessionId, string Transaction, string Nickname) : AggregateEvent;

/// <summary>Documents that a subscription is about have changed, or may have.</summary>
public sealed record DocumentsChanged : AggregateEvent;

/// <summary>The documents of a remote XDMS that are in use now, all of them.</summary>
public sealed record DocumentsWanted(ImmutableArray<DocumentSelector> Documents) : AggregateEvent;

/// <summary>Contacts of a served user have registered, or do no longer; all of them have the same source.</summary>
public sealed record RegistrationChanged(SipUri User, RegistrationChange Change) : AggregateEvent;

/// <summary>The operator has set how the service is for a user.</summary>
public sealed record ServiceSettingsChanged(SipUri User, ServiceSettings Settings) : AggregateEvent;

/// <summary>A message was kept for a user, or was not.</summary>
public sealed record DeferralSettled(string Transaction, Deferral Outcome) : AggregateEvent;

/// <summary>Something is kept for a user, who may be there by now.</summary>
public sealed record MessagesWait : AggregateEvent;

/// <summary>A user can be reached: what is kept for him may go.</summary>
public sealed record PushWanted(SipUri User) : AggregateEvent;

/// <summary>What was kept was brought to the peer of that leg, or it goes on no more.</summary>
public sealed record DeliveryEnded(string SessionId, DeliveryOutcome Outcome) : AggregateEvent;

/// <summary>Messages of a user are gone for good.</summary>
public sealed record DeferredRemoved(ImmutableArray<long> Numbers) : AggregateEvent;

/// <summary>A sender is to be told what became of a message that was kept.</summary>
public sealed record NoticeWanted(DeferredNotice Notice) : AggregateEvent;

/// <summary>A deadline of the aggregate has passed.</summary>
public sealed record TimeElapsed : AggregateEvent;

/// <summary>The document of the group changed, or it is time to look whether it still says the same.</summary>
public sealed record GroupChanged : AggregateEvent;

/// <summary>The operator ends the session; the reason is for its participants, empty: none is told.</summary>
public sealed record ReleaseOrdered(string Reason) : AggregateEvent;

/// <summary>The operator removes a user, by his own address or by the one that others know him by.</summary>
public sealed record ExpulsionOrdered(SipUri User, string Reason) : AggregateEvent;

/// <summary>This node started and resumes the aggregate: MSRP legs must be opened again.</summary>
public sealed record NodeStarted : AggregateEvent;

/// <summary>
/// A Kamailio restarted or is gone: every transaction that was in flight there has ended without our knowing how.
/// </summary>
public sealed record LinkRestarted : AggregateEvent
{
    /// <summary>What the names of its transactions begin with; empty: all of them have ended.</summary>
    public string Boot { get; init; } = "";

    /// <summary>Requests of ours in flight have ended too; false: they go through another Kamailio.</summary>
    public bool EndsOurs { get; init; } = true;

    public bool Ends(string transaction) => transaction.StartsWith(Boot, StringComparison.Ordinal);
}
