using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>
/// A session of ours whose other end is the message store, App. D.2 and IM 11: with who leaves messages for a user, or
/// with the user who gets them. There is one push of a user at most; it is kept while it waits for its next try, too.
/// </summary>
public sealed record DeferredSession : Aggregate
{
    public required DeferredPurpose Purpose { get; init; }

    /// <summary>Names our requests, for there may have been such a session before; "d" and some letters.</summary>
    public required string Name { get; init; }

    /// <summary>Whose messages these are: his key in the store.</summary>
    public required string User { get; init; }

    /// <summary>And his address.</summary>
    public required SipUri Address { get; init; }

    /// <summary>The dialog and its MSRP leg; null while there is none.</summary>
    public Leg? Leg { get; init; }

    /// <summary>Of a deposit: what goes with each of its messages.</summary>
    public Deposit? Deposit { get; init; }

    /// <summary>Of a deletion: who waits for its end.</summary>
    public Deletion? Deletion { get; init; }

    /// <summary>Of a push: how far it is.</summary>
    public PushProgress? Push { get; init; }

    /// <summary>The messages that were asked for; empty: all.</summary>
    public ImmutableArray<long> Only { get; init; } = [];

    /// <summary>Messages are on their way over the leg.</summary>
    public bool IsDelivering { get; init; }

    /// <summary>When the session ends because nothing was said for long.</summary>
    public DateTimeOffset? IdleAt { get; init; }

    /// <summary>Who has called us: the person, as his sessions are counted; null: we have called.</summary>
    public static string? CallerOf(DeferredSession session) => session.Purpose switch
    {
        DeferredPurpose.Deposit => session.Deposit?.Sender.PersonKey,
        DeferredPurpose.Fetch => session.Address.PersonKey,
        _ => null,
    };

    /// <summary>The same before there is a session.</summary>
    public static string CallerOf(ImRequest request) => (request switch
    {
        DepositRequest { Callers: [var caller, ..] } => caller,
        _ => request.Originator ?? request.From.Uri,
    }).PersonKey;
}

/// <summary>Who leaves messages, and what is known of his INVITE.</summary>
public sealed record Deposit
{
    public required SipUri Sender { get; init; }

    public bool IsAnonymous { get; init; }

    /// <summary>The SIP or tel URIs that he may speak as; empty: he is a conference, and vouches for who speaks.</summary>
    public ImmutableArray<string> Identities { get; init; } = [];

    public bool IsFocus => Identities.IsEmpty;

    public string Subject { get; init; } = "";

    /// <summary>As it is pushed with each of the messages, message/sipfrag.</summary>
    public required ReadOnlyMemory<byte> Invite { get; init; }
}

/// <summary>A REFER that waits until the messages are gone.</summary>
/// <param name="AnswerBy">Until when it can be answered.</param>
public sealed record Deletion(string Transaction, DateTimeOffset AnswerBy)
{
    /// <summary>The dialog that the REFER makes, RFC 3515; null: who sent it wants to hear no more, RFC 4488.</summary>
    public Leg? Referrer { get; init; }

    /// <summary>The header fields of the 202.</summary>
    public SipHeaders Headers { get; init; } = SipHeaders.Empty;
}

/// <summary>How far a push is.</summary>
public sealed record PushProgress
{
    public required PushStage Stage { get; init; }

    /// <summary>Requests of ours outside a dialog so far; the CSeq of the last MESSAGE too.</summary>
    public int Requests { get; init; }

    /// <summary>Tries that came to nothing since something was confirmed.</summary>
    public int Failures { get; init; }

    /// <summary>Until when the request that is out is waited for.</summary>
    public DateTimeOffset? AnswerBy { get; init; }

    /// <summary>When it is tried again.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The message that goes as a MESSAGE now.</summary>
    public long? Number { get; init; }

    /// <summary>The client takes no MSRP, or none of the forms that a message can have there.</summary>
    public bool IsPageMode { get; init; }

    /// <summary>The user has registered again meanwhile, or something more is kept.</summary>
    public bool IsWantedAgain { get; init; }
}

/// <summary>What is waited for.</summary>
public enum PushStage
{
    /// <summary>Nothing but time.</summary>
    Resting,

    /// <summary>The answer to our INVITE.</summary>
    Inviting,

    /// <summary>There is a session.</summary>
    InSession,

    /// <summary>The answer to a MESSAGE that is a message of the store.</summary>
    Paging,

    /// <summary>That the store has forgotten it.</summary>
    Removing,

    /// <summary>The answer to a MESSAGE that says how many messages wait.</summary>
    Notifying,
}

/// <summary>What the session is for.</summary>
public enum DeferredPurpose
{
    /// <summary>Somebody leaves messages for a user who is away.</summary>
    Deposit,

    /// <summary>We have called the user.</summary>
    Push,

    /// <summary>The user has called us.</summary>
    Fetch,

    /// <summary>The user wants messages deleted.</summary>
    Deletion,
}
