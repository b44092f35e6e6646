using System.Collections.Immutable;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// What the operator configured, as far as rules read it; every duration is a protocol timer or a limit.
/// </summary>
public sealed record OperatorPolicy
{
    /// <summary>Whose users are served, and how.</summary>
    public ParticipatingPolicy Participating { get; init; } = ParticipatingPolicy.Off;

    /// <summary>What is kept for users who are away.</summary>
    public DeferredPolicy Deferred { get; init; } = DeferredPolicy.Off;

    /// <summary>The conference-factory URI, IM 7.2.1.2/1.</summary>
    public required SipUri ConferenceFactory { get; init; }

    public SipUri ListServerUri => ListServer ?? ConferenceFactory;

    /// <summary>Domains of ours: session identities and the factory, groups.</summary>
    public ImmutableHashSet<string> Domains
    {
        get;
        init => field = value.WithComparer(StringComparer.OrdinalIgnoreCase);
    } = [];

    /// <summary>The most participants of an ad-hoc session, the inviter counted; IM 7.2.1.2/7.</summary>
    public int MaxAdHocParticipants { get; init; } = 10;

    /// <summary>The most participants of a pre-defined group, whatever its document says.</summary>
    public int MaxGroupParticipants { get; init; } = 1000;

    /// <summary>How many first INVITEs of one session leave in a second; 0: all at once.</summary>
    public int InvitationsPerSecond { get; init; } = 400;

    /// <summary>Domain of pre-defined groups.</summary>
    public string GroupDomain { get; init; } = "";

    /// <summary>Which of several matching rules of a document count.</summary>
    public Precedence Precedence { get; init; }

    /// <summary>What documents call our service: the enabler of a service element.</summary>
    public string ServiceName { get; init; } = "IM";

    /// <summary>What becomes of a participant whom a changed group document does not admit any more.</summary>
    public AccessWithdrawn AccessWithdrawn { get; init; }

    /// <summary>Whether participants may be called as they want, RFC 7701 7.</summary>
    public bool Nicknames { get; init; } = true;

    /// <summary>Whether participants may write to single ones where no group document says so.</summary>
    public bool PrivateMessages { get; init; } = true;

    /// <summary>True: in an ad-hoc session only who started it may add others; IM 7.2.2.7.</summary>
    public bool OnlyInviterAdds { get; init; }

    /// <summary>Person keys of users who may not use the service.</summary>
    public ImmutableHashSet<string> Barred { get; init; } = [];

    /// <summary>Who may start ad-hoc and one-to-one sessions, and add users to them; IM 7.2.2.3.</summary>
    public UserList MayStart { get; init; } = UserList.Everybody;

    /// <summary>Who may start sessions of pre-defined groups, if the document lets him too; IM 7.2.2.3.</summary>
    public UserList MayStartGroups { get; init; } = UserList.Everybody;

    /// <summary>Who may be invited or added; IM 7.2.2.2.</summary>
    public UserList MayBeInvited { get; init; } = UserList.Everybody;

    /// <summary>Person keys of History Functions, IM 7.2.1.4/3-NOTE.</summary>
    public ImmutableHashSet<string> HistoryFunctions { get; init; } = [];

    /// <summary>Who may have a session recorded, IM 7.2.1.4/3-i.</summary>
    public UserList MayInvokeHistory { get; init; } = UserList.Everybody;

    /// <summary>Where a MESSAGE with a recipient list goes, RFC 5365; null: to the conference factory.</summary>
    public SipUri? ListServer { get; init; }

    /// <summary>The most recipients that the list of a MESSAGE may name.</summary>
    public int MaxMessageRecipients { get; init; } = 100;

    /// <summary>The largest content of a MESSAGE to several.</summary>
    public int MaxPageMessageBytes { get; init; } = 65_536;

    /// <summary>The most messages to several that this node has under way.</summary>
    public int MaxPageMessages { get; init; } = 10_000;

    /// <summary>And the most of one sender: nobody takes the room of all.</summary>
    public int MaxPageMessagesPerUser { get; init; } = 1000;

    /// <summary>How often a message is sent to one who does not answer or has no time.</summary>
    public int MessageAttempts { get; init; } = 3;

    /// <summary>How long to wait before that, unless the other side says how long.</summary>
    public TimeSpan MessageRetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Notifications about a message to several come to us and are told together, RFC 5438 8.3.</summary>
    public bool AggregateImdn { get; init; }

    /// <summary>How long they are collected, from the first one.</summary>
    public TimeSpan AggregateImdnFor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long notifications that come to us are waited for.</summary>
    public TimeSpan ImdnLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>The release version of Server and User-Agent, Appendix F.</summary>
    public required string ReleaseVersion { get; init; }

    /// <summary>Where peers connect to for MSRP.</summary>
    public required string MsrpHost { get; init; }

    public required int MsrpPort { get; init; }

    public MediaTls MediaTls { get; init; }

    /// <summary>Null: there is no MSRP over WebSocket.</summary>
    public WebSocketMedia? WebSocket { get; init; }

    public ImmutableArray<string> AcceptTypes { get; init; } = ["message/cpim"];

    public ImmutableArray<string> AcceptWrappedTypes { get; init; } = ["*"];

    /// <summary>Whether clients that know text only, not CPIM, may take part; the switch turns one into the other.</summary>
    public bool PlainTextClients { get; init; } = true;

    public long MaxMessageSize { get; init; } = 10 * 1024 * 1024;

    public TimeSpan NoAnswer { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an ACK or the answer to a BYE or NOTIFY may take; longer than the link's own 32 s.</summary>
    public TimeSpan TransactionDeadline { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>
    /// How long a leg may be without MSRP connection before a re-INVITE asks for one, and then once more before its
    /// participant is removed; zero: a leg without connection stays as long as its dialog.
    /// </summary>
    public TimeSpan MediaReconnect { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan SessionInterval { get; init; } = TimeSpan.FromSeconds(1800);

    public TimeSpan MinSessionInterval { get; init; } = TimeSpan.FromSeconds(90);

    public TimeSpan SubscriptionDuration { get; init; } = TimeSpan.FromSeconds(3600);

    public TimeSpan MinSubscriptionDuration { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan NotifyInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often the state may be repeated to a watcher who asks for that though nothing changes, RFC 6446 5.
    /// </summary>
    public TimeSpan ShortestRepeat { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most subscriptions of one user to one session.</summary>
    public int MaxSubscriptionsPerUser { get; init; } = 10;

    /// <summary>The most subscriptions to conference state on this node.</summary>
    public int MaxSubscriptions { get; init; } = 100_000;

    /// <summary>The most subscriptions to documents, RFC 5875, on this node.</summary>
    public int MaxDocumentSubscriptions { get; init; } = 10_000;

    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromSeconds(64);

    public bool ReleaseWhenInviterLeaves { get; init; }

    /// <summary>A session of a group ends when the last of its key participants leaves; IM 7.2.2.8.</summary>
    public bool ReleaseWhenKeyParticipantsLeave { get; init; }

    /// <summary>False admits authorised users who do not attend; IM 7.2.1.12/4.</summary>
    public bool SubscriberMustAttend { get; init; } = true;

    /// <summary>True refuses a SUBSCRIBE without the IM feature tag; IM 7.9.1.1.4/3.</summary>
    public bool RequireAcceptContact { get; init; }

    /// <summary>
    /// The answer to an INVITE to a session that does not exist: 403 by the text, 404 for RCS clients.
    /// </summary>
    public int UnknownSessionCode { get; init; } = 403;

    /// <summary>The refresher is uac whatever a peer with session timers asked for; IM 7.2.1.1/3.</summary>
    public bool ForceUacRefresher { get; init; } = true;

    public AllRefused AllRefused { get; init; }

    /// <summary>True reads an address without scheme, or with blanks, as the SIP URI it should be.</summary>
    public bool LenientUri { get; init; }

    /// <summary>True asserts no identity in answers to who is none of the core.</summary>
    public bool HideIdentity { get; init; }

    /// <summary>True gives invitations a P-Charging-Vector of ours when the request before them has none.</summary>
    public bool CreateChargingVector { get; init; }

    /// <summary>Our network in a P-Charging-Vector, RFC 7315 4.6; empty: it is not named.</summary>
    public string Ioi { get; init; } = "";
}

/// <summary>What a changed group document means for who attends and is not admitted any more.</summary>
public enum AccessWithdrawn
{
    /// <summary>He stays until he leaves, and does not come in again.</summary>
    RefuseNewJoins,

    /// <summary>He is removed, IM 7.2.1.9.</summary>
    Remove,
}

/// <summary>Which status the inviter gets when every invitee refused, IM 7.2.1.2/fail-1.</summary>
public enum AllRefused
{
    /// <summary>The lowest status received.</summary>
    Lowest,

    /// <summary>A 6xx before a 5xx before a 4xx.</summary>
    HighestClass,

    /// <summary>Always 480.</summary>
    Fixed480,
}
