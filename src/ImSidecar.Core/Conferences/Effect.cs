using System.Collections.Immutable;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Conferences;

/// <summary>What the shell has to do once the decision is saved; a command, a closed set.</summary>
public abstract record Effect
{
    private protected Effect()
    {
    }

    /// <summary>
    /// The boot of the Kamailio that a request of ours goes through; the shell chooses it when it saves. Null: none was
    /// chosen, or an earlier release has stored it.
    /// </summary>
    public string? Via { get; init; }
}

/// <summary>
/// Answer a waiting request. Ordinal counts the replies of one transaction: a repeated one does nothing again.
/// </summary>
public sealed record Respond(string Transaction, SipStatus Status, string? Warning = null) : Effect
{
    public SipHeaders Headers { get; init; } = SipHeaders.Empty;

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Kamailio records itself in the route: dialog-creating 18x and 2xx.</summary>
    public bool RecordRoute { get; init; }

    /// <summary>Our tag in a dialog that exists already; null: the one Kamailio has for this transaction.</summary>
    public string? ToTag { get; init; }

    /// <summary>What decided that a rule refuses, for the log: the same as the warning, and more of it.</summary>
    public string? Explanation { get; init; }

    public int Ordinal => Status.IsProvisional ? 1 : 2;
}

/// <summary>
/// A waiting request goes on, with these changes; Kamailio relays it and its answers. Passed is the half that ran.
/// </summary>
public sealed record PassOn(string Transaction, SessionCase Passed) : Effect
{
    /// <summary>Another Request-URI; null: as it is.</summary>
    public SipUri? Uri { get; init; }

    /// <summary>Names of header fields that go no further.</summary>
    public ImmutableArray<string> Removed { get; init; } = [];

    public SipHeaders Added { get; init; } = SipHeaders.Empty;

    /// <summary>Requests within the dialog come by here too.</summary>
    public bool RecordRoute { get; init; }
}

/// <summary>A waiting request goes on to the half of another served user, or to a conference, whichever node has that.</summary>
public sealed record HandOver(ImRequest Request) : Effect;

/// <summary>Another aggregate of the same slot, and so of this node, is to hear of something.</summary>
public sealed record Tell(AggregateId Target, AggregateEvent Happened) : Effect;

/// <summary>Keep what a waiting request brought; a <see cref="DeferralSettled"/> tells what came of that.</summary>
public sealed record Defer(string Transaction, DeferredMessage Message) : Effect;

/// <summary>
/// Bring what is kept for a user to the peer of a leg, one message after the other, and forget what he has confirmed;
/// a <see cref="DeliveryEnded"/> tells how it ended. Once more while it runs: to look again before it ends.
/// </summary>
/// <param name="Only">Numbers of the messages; empty: all.</param>
public sealed record Deliver(string User, LegMedia Media, ImmutableArray<long> Only) : Effect;

/// <summary>Forget messages of a user; a <see cref="DeferredRemoved"/> tells that it is done.</summary>
public sealed record RemoveDeferred(string User, ImmutableArray<long> Numbers, DeferredEnd End) : Effect;

/// <summary>The store need not keep any more that a sender is to be told something: that is saved here.</summary>
public sealed record ForgetNotice(long Number) : Effect;

/// <summary>Send a request of ours other than NOTIFY, ACK, CANCEL and MESSAGE to several.</summary>
public sealed record SendRequest(ActionKey Key, OutgoingRequest Request) : Effect;

/// <summary>Send a page message to one of its recipients; it is made from the saved message when it is sent.</summary>
public sealed record SendMessage(ActionKey Key) : Effect;

/// <summary>
/// Send the conference state to one subscriber; its body is made from the saved conference when it is sent.
/// </summary>
public sealed record SendNotify(
    ActionKey Key, DialogId Dialog, NotifyScope Scope, uint Version, long Since, string SubscriptionState) : Effect;

/// <summary>
/// Acknowledge a 2xx to our INVITE, RFC 3261 13.2.2.4. The names of the dialog are for a Kamailio that has restarted
/// and does not know the INVITE.
/// </summary>
public sealed record SendAck(
    ActionKey Key, ActionKey Invite, SipUri Uri, string ToTag, ImmutableArray<string> RouteSet) : Effect
{
    /// <summary>Without tag, like To.</summary>
    public string From { get; init; } = "";

    public string FromTag { get; init; } = "";

    public string To { get; init; } = "";

    public string CallId { get; init; } = "";
}

/// <summary>Cancel our INVITE, RFC 3261 9.1.</summary>
public sealed record SendCancel(ActionKey Key, ActionKey Invite) : Effect;

/// <summary>Tell the MSRP switch of a leg, or what has changed about it; before the peer learns our path.</summary>
/// <param name="Identities">What a CPIM From on this leg may be.</param>
public sealed record OpenLeg(AggregateId Conference, LegMedia Media, ImmutableArray<string> Identities) : Effect
{
    /// <summary>What the peer says is for us, and we say what he hears: the leg has no bridge.</summary>
    public bool EndsHere { get; init; }

    /// <summary>Who he is for the others; empty in what an earlier release has stored.</summary>
    public string Entity { get; init; } = "";

    /// <summary>The address that he knows himself by.</summary>
    public string Address { get; init; } = "";

    public bool IsAnonymous { get; init; }

    /// <summary>
    /// What a CPIM To names when it means all; empty: there are two at most, and each message is for the other.
    /// </summary>
    public ImmutableArray<string> Room { get; init; } = [];
}

/// <summary>Answer a NICKNAME by an MSRP status; nothing happens when nobody waits for it any more.</summary>
public sealed record AnswerNickname(string SessionId, string Transaction, int Status) : Effect;

/// <summary>Free the MSRP resources of a leg.</summary>
public sealed record CloseLeg(string SessionId) : Effect;

/// <summary>Full state, or what changed since a revision, RFC 4575 4.4; or no document at all.</summary>
public enum NotifyScope
{
    Full,
    Partial,
    Nothing,

    /// <summary>No document but the tag of the state that the subscriber knows, RFC 5839 4.</summary>
    Known,

    /// <summary>The session is over: state deleted.</summary>
    Gone,
}
