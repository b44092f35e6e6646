using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Options;

/// <summary>Section "Controlling": the operator's policy, for the rules <see cref="OperatorPolicy"/>.</summary>
internal sealed record ControllingOptions
{
    public const string Section = "Controlling";

    public string ConferenceFactory { get; init; } = "sip:conf-factory@im.example.com";

    /// <summary>Domain of pre-defined groups.</summary>
    public string GroupDomain { get; init; } = "groups.example.com";

    public int MaxAdHocParticipants { get; init; } = 10;

    public int MaxGroupParticipants { get; init; } = 1000;

    public int InvitationsPerSecond { get; init; } = 400;

    /// <summary>Where a MESSAGE with a recipient list goes; empty: to ConferenceFactory.</summary>
    public string ListServer { get; init; } = "";

    public int MaxMessageRecipients { get; init; } = 100;

    public int MaxPageMessageBytes { get; init; } = 65_536;

    public int MaxPageMessages { get; init; } = 10_000;

    public int MaxPageMessagesPerUser { get; init; } = 1000;

    public int MessageAttempts { get; init; } = 3;

    public TimeSpan MessageRetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    public bool AggregateImdn { get; init; }

    public TimeSpan AggregateImdnFor { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan ImdnLifetime { get; init; } = TimeSpan.FromHours(12);

    public bool OnlyInviterAdds { get; init; }

    public AccessWithdrawn AccessWithdrawn { get; init; } = AccessWithdrawn.Remove;

    /// <summary>URIs of users who may not use the service.</summary>
    public IReadOnlyList<string> Barred { get; init; } = [];

    public bool Nicknames { get; init; } = true;

    public bool PrivateMessages { get; init; } = true;

    /// <summary>URIs or domains of who may start ad-hoc sessions; empty: everybody.</summary>
    public IReadOnlyList<string> MayStart { get; init; } = [];

    public IReadOnlyList<string> MayStartGroups { get; init; } = [];

    public IReadOnlyList<string> MayBeInvited { get; init; } = [];

    /// <summary>URIs of History Functions.</summary>
    public IReadOnlyList<string> HistoryFunctions { get; init; } = [];

    public IReadOnlyList<string> MayInvokeHistory { get; init; } = [];

    public string ServerToken { get; init; } = "IM-serv/OMA1.0";

    /// <summary>Media types, separated by spaces as in SDP.</summary>
    public string AcceptTypes { get; init; } = "message/cpim";

    public string AcceptWrappedTypes { get; init; } = "*";

    public bool PlainTextClients { get; init; } = true;

    public TimeSpan NoAnswer { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan TransactionDeadline { get; init; } = TimeSpan.FromSeconds(40);

    public TimeSpan MediaReconnect { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan SessionInterval { get; init; } = TimeSpan.FromSeconds(1800);

    public TimeSpan MinSessionInterval { get; init; } = TimeSpan.FromSeconds(90);

    public TimeSpan SubscriptionDuration { get; init; } = TimeSpan.FromSeconds(3600);

    public TimeSpan MinSubscriptionDuration { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan NotifyInterval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan ShortestRepeat { get; init; } = TimeSpan.FromSeconds(60);

    public int MaxSubscriptionsPerUser { get; init; } = 10;

    public int MaxSubscriptions { get; init; } = 100_000;

    /// <summary>Subscriptions to documents on this node.</summary>
    public int MaxDocumentSubscriptions { get; init; } = 10_000;

    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromSeconds(64);

    public bool ReleaseWhenInviterLeaves { get; init; }

    public bool ReleaseWhenKeyParticipantsLeave { get; init; }

    public bool SubscriberMustAttend { get; init; } = true;

    public bool RequireAcceptContact { get; init; }

    public int UnknownSessionCode { get; init; } = 403;

    public bool ForceUacRefresher { get; init; } = true;

    public AllRefused AllRefused { get; init; }

    public bool LenientUri { get; init; }

    public bool HideIdentity { get; init; }

    public bool CreateChargingVector { get; init; }

    /// <summary>Inter-operator identifier of P-Charging-Vector.</summary>
    public string Ioi { get; init; } = "";

    /// <summary>When MSRP goes over TLS, RFC 4975 14.</summary>
    public MediaTls MediaTls { get; init; } = MediaTls.Offered;

    public OperatorPolicy ToPolicy(string msrpHost, int msrpPort, long maxMessageBytes) => new()
    {
        ConferenceFactory = Uri(ConferenceFactory),
        Domains = [Uri(ConferenceFactory).Host, GroupDomain],
        MaxAdHocParticipants = MaxAdHocParticipants,
        GroupDomain = GroupDomain,
        MaxGroupParticipants = MaxGroupParticipants,
        InvitationsPerSecond = InvitationsPerSecond,
        ListServer = ListServer.Length == 0 ? null : Uri(ListServer),
        MaxMessageRecipients = MaxMessageRecipients,
        MaxPageMessageBytes = MaxPageMessageBytes,
        MaxPageMessages = MaxPageMessages,
        MaxPageMessagesPerUser = MaxPageMessagesPerUser,
        MessageAttempts = MessageAttempts,
        MessageRetryInterval = MessageRetryInterval,
        AggregateImdn = AggregateImdn,
        AggregateImdnFor = AggregateImdnFor,
        ImdnLifetime = ImdnLifetime,
        AccessWithdrawn = AccessWithdrawn,
        OnlyInviterAdds = OnlyInviterAdds,
        Barred = [.. Barred.Select(user => Uri(user).PersonKey)],
        Nicknames = Nicknames,
        PrivateMessages = PrivateMessages,
        MayStart = Users(MayStart),
        MayStartGroups = Users(MayStartGroups),
        MayBeInvited = Users(MayBeInvited),
        HistoryFunctions = [.. HistoryFunctions.Select(user => Uri(user).PersonKey)],
        MayInvokeHistory = Users(MayInvokeHistory),
        ReleaseVersion = ServerToken + " ImSidecar/" + ProductVersion.Text,
        MsrpHost = msrpHost,
        MsrpPort = msrpPort,
        MaxMessageSize = maxMessageBytes,
        AcceptTypes = [.. Words(AcceptTypes)],
        AcceptWrappedTypes = [.. Words(AcceptWrappedTypes)],
        PlainTextClients = PlainTextClients,
        NoAnswer = NoAnswer,
        TransactionDeadline = TransactionDeadline,
        MediaReconnect = MediaReconnect,
        MediaTls = MediaTls,
        SessionInterval = SessionInterval,
        MinSessionInterval = MinSessionInterval,
        SubscriptionDuration = SubscriptionDuration,
        MinSubscriptionDuration = MinSubscriptionDuration,
        NotifyInterval = NotifyInterval,
        ShortestRepeat = ShortestRepeat,
        MaxSubscriptionsPerUser = MaxSubscriptionsPerUser,
        MaxSubscriptions = MaxSubscriptions,
        MaxDocumentSubscriptions = MaxDocumentSubscriptions,
        ForgetAfter = ForgetAfter,
        ReleaseWhenInviterLeaves = ReleaseWhenInviterLeaves,
        ReleaseWhenKeyParticipantsLeave = ReleaseWhenKeyParticipantsLeave,
        SubscriberMustAttend = SubscriberMustAttend,
        RequireAcceptContact = RequireAcceptContact,
        UnknownSessionCode = UnknownSessionCode,
        ForceUacRefresher = ForceUacRefresher,
        AllRefused = AllRefused,
        LenientUri = LenientUri,
        HideIdentity = HideIdentity,
        CreateChargingVector = CreateChargingVector,
        Ioi = Ioi,
    };

    internal static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static UserList Users(IReadOnlyList<string> entries) => UserList.TryParse(entries, out var users)
        ? users
        : throw new FormatException("An entry is neither a URI nor a domain");

    private static SipUri Uri(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text + " is no SIP URI");
}
