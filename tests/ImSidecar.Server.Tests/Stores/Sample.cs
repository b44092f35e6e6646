using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Core.Messages;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>A conference in which every property of every part has a value somewhere; a test checks that.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = new(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero);

    private static readonly byte[] _sdp = [.. "v=0\r\nm=message 2855 TCP/MSRP *\r\n"u8, 0, 0xFF];

    /// <summary>One of each case, each with every property set.</summary>
    public static ImmutableArray<Effect> Effects { get; } = [.. Cases.Select(effect => effect with { Via = "0f1e2d3c" })];

    private static IEnumerable<Effect> Cases =>
    [
        Accepted,
        new SendRequest(Key("BYE", 2), new()
        {
            Method = "BYE",
            Uri = Uri("sip:alice@10.0.0.1:5062;transport=tcp"),
            From = "<sip:room1@im.example.com>",
            FromTag = "from-1",
            To = "\"Ælice <&> \\\"A\\\"\" <sip:alice@example.com>",
            ToTag = "to-1",
            CallId = "call-1@10.0.0.1",
            CSeq = 2,
            Headers = SipHeaders.Of(("Reason", "SIP;cause=200;text=\"bye: now\""), ("X-Empty", "")),
            Body = _sdp,
            IsAboveRules = true,
        }),
        new SendNotify(Key("NOTIFY", 3), new("call-2", "l2", "r2"), NotifyScope.Partial, 7, 41, "active;expires=600"),
        new SendAck(
            Key("ACK", 1) with { Variant = "f2" }, Key("INVITE", 1), Uri("sip:bob@10.0.0.2"), "to-2", ["<sip:p1;lr>"])
        {
            From = "<sip:room1@im.example.com>",
            FromTag = "from-2",
            To = "<sip:bob@example.com>",
            CallId = "call-2",
        },
        new SendCancel(Key("CANCEL", 1), Key("INVITE", 1)),
        new OpenLeg(new("room1"), Media("session-1"), ["sip:alice@example.com", "tel:+1-201-555-0123"])
        {
            Entity = "sip:anonymous1@anonymous.invalid",
            Address = "sip:alice@example.com",
            EndsHere = true,
            IsAnonymous = true,
            Room = ["sip:room1@im.example.com"],
        },
        new CloseLeg("session-1"),
        new AnswerNickname("session-1", "t1", 425),
        new SendMessage(Key("MESSAGE", 2)),
    ];

    private static Respond Accepted => new("tx-1", SipStatus.Ok, "a reason")
    {
        Headers = SipHeaders.Of(("Contact", "<sip:room1@im.example.com>;isfocus"), ("Server", "IM-serv/OMA2.2")),
        Body = _sdp,
        RecordRoute = true,
        ToTag = "l1",
        Explanation = "a reason: and more of it",
    };

    public static Conference Conference(string id = "room1") => new()
    {
        Id = new(id),
        SessionIdentity = Uri($"sip:{id}@im.example.com"),
        Kind = ConferenceKind.PreArranged,
        GroupIdentity = Uri("sip:skiers@groups.example.com"),
        GroupName = "The skiers",
        MaxParticipants = 12,
        Conditions = new(Now, Now.AddHours(1), 2, 1, HaveHeld: true),
        Phase = ConferencePhase.Active,
        Revision = 42,
        RosterRevision = 41,
        DescribedAt = 40,
        Subject = "Ünïcode \u2028 and <xml/>",
        CarriedHeaders = [new("Contribution-ID", "abc"), new("Subject", "hello: world")],
        NextNumber = 4,
        Participants = ParticipantTable.Empty
            .Set(Inviter())
            .Set(Invitee("p2") with { Failure = 486, Invitation = Invitation.Refused, IsAnonymous = true }),
        Subscriptions = SubscriptionTable.Of([Subscription("s3")]),
        Departures = ImmutableDictionary<string, Departure>.Empty
            .Add("sip:carol@example.com", Departure("sip:carol@example.com")),
        Guests = ImmutableDictionary<string, Guest>.Empty
            .Add("sip:alice@example.com", new("sip:alice@example.com", "p1"))
            .Add("tel:+15551234", new("tel:+15551234", "p2")),
        Referrals = ImmutableDictionary<string, Referral>.Empty.Add("r4", new()
        {
            Subscription = Subscription("r4"),
            Leg = "p1",
            Targets =
            [
                new(null, "sip:erin@example.com", SipStatus.Ok) { IsTold = true },
                new("p2", "sip:dave@example.com", SipStatus.Ringing) { IsTold = true },
            ],
            Telling = 1,
        }),
        RefusedWith = [486, 603],
        ForgetAt = Now.AddSeconds(64),
    };

    public static Participant Inviter() => Invitee("p1") with
    {
        IsInviter = true,
        Leg = new()
        {
            State = LegState.Active,
            CallId = "call-1@10.0.0.1",
            LocalTag = "l1",
            RemoteTag = "r1",
            LocalAddress = "<sip:conf-factory@im.example.com>",
            RemoteAddress = "\"Alice\" <sip:alice@example.com>",
            RemoteTarget = Uri("sip:alice@[2001:db8::1]:5062;transport=tcp"),
            RouteSet = ["<sip:127.0.0.1;lr;ftag=r1>", "<sip:127.0.0.2;lr>"],
            LocalCSeq = 2,
            RemoteCSeq = 4_000_000_000,
            Transaction = "tx-1",
            Accepted = Accepted,
            Media = Media("session-1"),
            SessionInterval = TimeSpan.FromSeconds(1800),
            SessionExpiresAt = Now.AddSeconds(1800),
            Deadline = Now.AddSeconds(32),
            Reconnection = new(ReconnectionStage.Connecting, Now.AddSeconds(30)) { Proposals = 1, IsConnected = true },
            PeerAllows = ["INVITE", "BYE"],
            HidesIdentity = true,
            Charging = "icid-value=1;term-ioi=home.example",
            Reinvite = new("tx-2", Now.AddSeconds(40)) { AwaitsAnswer = true, Before = Media("session-1") },
            LeftEarly = ["r2", "r3"],
        },
    };

    public static Participant Invitee(string id) => new()
    {
        Id = id,
        Address = Uri($"sip:{id}@example.com"),
        Entity = $"sip:{id}@example.com",
        OtherAddresses = [Uri("tel:+15551234")],
        DisplayName = "Name of " + id,
        Nickname = "Snöwcat " + id,
        IsHistory = true,
        IsKey = true,
        Requirements = 1,
        Leg = new()
        {
            State = LegState.Inviting,
            CallId = "call-of-" + id,
            LocalTag = "l-" + id,
            LocalAddress = "<sip:room1@im.example.com>",
            RemoteAddress = $"<sip:{id}@example.com>",
            Media = Media("session-of-" + id),
            Early = new("e-" + id, Uri($"sip:{id}@10.0.0.7"), ["<sip:p2;lr>"]),
        },
        Invitation = Invitation.Ringing,
        AnswerBy = Now.AddSeconds(60),
        ChangedAt = 40,
    };

    public static Subscription Subscription(string id) => new()
    {
        Id = id,
        Dialog = new("call-of-" + id, "l-" + id, "r-" + id),
        Subscriber = Uri("tel:+1-201-555-0123;phone-context=example.com"),
        LocalAddress = "<sip:room1@im.example.com>",
        RemoteAddress = "<sip:watcher@example.com>",
        RemoteTarget = Uri("sip:watcher@10.0.0.9"),
        RouteSet = ["<sip:127.0.0.1;lr>"],
        EventId = "7",
        ExpiresAt = Now.AddSeconds(3600),
        LocalCSeq = 3,
        RemoteCSeq = 9,
        Version = uint.MaxValue,
        ToldUpTo = 41,
        HeardUpTo = 40,
        OwesFullState = true,
        OwesTag = true,
        Throttle = TimeSpan.FromSeconds(7),
        Repeat = TimeSpan.FromSeconds(90),
        RepeatAt = Now.AddSeconds(90),
        NotBefore = Now.AddSeconds(5),
        AnswerBy = Now.AddSeconds(40),
        EndReason = "noresource",
        IsTold = true,
    };

    public static DocumentSubscription DocumentSubscription(string name = "abcdefghijklmnopqrstuvwxyz") => new()
    {
        Id = AggregateId.Of(AggregateKind.DocumentSubscription, name),
        Revision = 7,
        Subscription = Subscription("s"),
        Contact = Uri("sip:xd-abcdefghijklmnopqrstuvwxyz@im.example.com"),
        Package = "xcap-diff",
        NamesProcessing = true,
        Identities = ["sip:alice@example.com", "tel:+12015550123"],
        Targets =
        [
            DocumentTarget.AllOf("sip:alice@example.com"),
            new("resource-lists", "sip:alice@example.com", "index"),
            DocumentTarget.Of(DocumentSelector.OfGroup("sip:ski@groups.example.com")),
        ],
        Told = [new(new("resource-lists", "sip:alice@example.com", "index"), "5f\"<&>")],
        HasNews = true,
    };

    public static DocumentWatch DocumentWatch(string name = "abcdefghijklmnopqrstuvwxyz") => new()
    {
        Id = AggregateId.Of(AggregateKind.DocumentWatch, name),
        Revision = 9,
        Wanted = [DocumentSelector.OfGroup("sip:ski@groups.example.com")],
        Asked = [DocumentSelector.OfGroup("sip:chess@groups.example.com")],
        Told = [new(new("resource-lists", "sip:alice@example.com", "index"), "5f")],
        AwaitsFullState = true,
        RetryAt = Now.AddSeconds(20),
        Failures = 3,
        MinDuration = TimeSpan.FromSeconds(7200),
        Dialog = new()
        {
            CallId = "call-9",
            LocalTag = "l9",
            RemoteTag = "r9",
            RemoteTarget = Uri("sip:xd-1@xdms.example.net"),
            RouteSet = ["<sip:127.0.0.1;lr>"],
            LocalCSeq = 4,
            RemoteCSeq = 5,
            AnswerBy = Now.AddSeconds(100),
            RefreshAt = Now.AddSeconds(450),
            ExpiresAt = Now.AddSeconds(600),
            IsEnding = true,
        },
    };

    public static ServedUser ServedUser(string name = "abcdefghijklmnopqrstuvwxyz") => new()
    {
        Id = AggregateId.Of(AggregateKind.ServedUser, name),
        Revision = 4,
        Address = Uri("sip:alice@example.com"),
        Contacts =
        [
            new()
            {
                Contact = "sip:alice@10.0.0.1:5062;transport=tcp",
                Source = RegistrationSource.ThirdParty,
                FeatureTags = ["+g.oma.sip-im", "+g.3gpp.icsi-ref=\"urn%3Aurn-7\""],
                ExpiresAt = Now.AddSeconds(600),
                IsGone = true,
                CallId = "call-of-register",
                CSeq = 7,
            },
        ],
        KeptUntil = Now.AddDays(30),
        Settings = new() { IsActive = true, IsVisible = true, Delivery = DeferredDelivery.Notify },
        Watch = new()
        {
            Dialog = DocumentWatch().Dialog,
            RetryAt = Now.AddSeconds(20),
            Failures = 3,
            MinDuration = TimeSpan.FromSeconds(7200),
            Version = 17,
        },
    };

    public static DeferredSession DeferredSession(string name = "abcdefghijklmnopqrstuvwxyz") => new()
    {
        Id = AggregateId.Of(AggregateKind.DeferredSession, name),
        Revision = 5,
        Purpose = DeferredPurpose.Push,
        Name = "dabcdefgh",
        User = "sip:bob@example.com",
        Address = Uri("sip:bob@example.com"),
        Leg = Inviter().Leg,
        Deposit = new()
        {
            Sender = Uri("sip:alice@example.com"),
            IsAnonymous = true,
            Identities = ["sip:alice@example.com", "tel:+1-201-555-0123"],
            Subject = "Snow",
            Invite = "INVITE sip:bob@example.com SIP/2.0\r\n\r\n"u8.ToArray(),
        },
        Deletion = new("tx-1", Now.AddSeconds(20))
        {
            Referrer = Inviter().Leg,
            Headers = SipHeaders.Of(("Refer-Sub", "false")),
        },
        Push = new()
        {
            Stage = PushStage.Paging,
            Requests = 3,
            Failures = 2,
            AnswerBy = Now.AddSeconds(40),
            RetryAt = Now.AddSeconds(60),
            Number = 17,
            IsPageMode = true,
            IsWantedAgain = true,
        },
        Only = [4, 17],
        IsDelivering = true,
        IdleAt = Now.AddSeconds(300),
    };

    public static PageMessage PageMessage(string name = "abcdefghijklmnopqrstuvwxyz") => new PageMessage()
    {
        Id = AggregateId.Of(AggregateKind.PageMessage, name),
        Revision = 7,
        Address = Uri("sip:skiers@groups.example.com"),
        IsToGroup = true,
        From = "\"Ælice\" <sip:alice@example.com>",
        Identity = Uri("sip:alice@example.com"),
        IsAnonymous = true,
        Sender = Uri("sip:alice@example.com"),
        Asked = new()
        {
            MessageId = "34jk324j",
            DateTime = "2026-03-14T15:09:26Z",
            Delivery = true,
            NegativeDelivery = true,
            Display = true,
            IsRoutedByUs = true,
        },
        ReportAt = Now.AddSeconds(60),
        Reports = 3,
        Underway =
        [
            new("n3", Effects.OfType<SendRequest>().First().Request)
            {
                AnswerBy = Now.AddSeconds(90),
                RetryAt = Now.AddSeconds(30),
            },
        ],
        CallId = "call-of-message",
        FromTag = "tag-of-message",
        ExpiresAt = Now.AddHours(1),
        Content = PageContent(),
        ForgetAt = Now.AddSeconds(64),
    }.With(Recipient("r1")).With(Recipient("r2"));

    public static PageContent PageContent() =>
        new([new("Content-Type", "text/plain"), new("Subject", "hello: world")], _sdp);

    public static Recipient Recipient(string id) => new()
    {
        Id = id,
        Address = Uri($"sip:{id}@example.com"),
        DisplayName = "Name of " + id,
        Attempts = 2,
        AnswerBy = Now.AddSeconds(40),
        RetryAt = Now.AddSeconds(50),
        MayHaveIt = true,
        Code = 503,
        Notices = [new(NotificationKind.Display, _sdp) { IsTold = true, IsNameless = true, IsOurs = true }],
    };

    public static Departure Departure(string entity) =>
        new(entity, "Carol", "sip:carol@10.0.0.3", DisconnectionMethod.Booted, 39);

    private static LegMedia Media(string session) => new()
    {
        SessionId = session,
        LocalUri = $"msrp://127.0.0.1:2855/{session};tcp",
        RemotePath = ["msrps://relay.example.com:2855/r;tcp", "msrp://10.0.0.1:7777/a;tcp"],
        Connects = true,
        ConnectTo = "msrps://10.0.0.2:7778;tcp",
        HoldsConnection = true,
        Fingerprints = ["SHA-256 00:11"],
        AcceptTypes = ["message/cpim"],
        AcceptWrappedTypes = ["*"],
        MaxSize = 10_000_000_000,
        MayWritePrivately = true,
        TakesPrivateMessages = true,
        Direction = MediaDirection.SendOnly,
        Offer = _sdp,
        LocalDescription = _sdp,
        DescriptionId = 123_456_789,
        DescriptionVersion = 2,
    };

    private static ActionKey Key(string method, long cseq) => new(new("room1"), "p1", method, cseq);

    private static SipUri Uri(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new ArgumentException(text);
}
