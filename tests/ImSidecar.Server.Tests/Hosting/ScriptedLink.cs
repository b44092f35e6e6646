using System.Collections.Immutable;
using System.Text;
using System.Threading.Channels;
using Google.Protobuf;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Deferred;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Tests.Deferred;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Xdm;
using ImSidecar.Server.Tests.Xdm.Diff;
using ImSidecar.Server.Xdm;
using ImSidecar.Server.Xdm.Diff;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>
/// A node without sockets: the real router, mailboxes and effects between a scripted Kamailio and a store.
/// </summary>
internal sealed class ScriptedLink : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly LinkRegistry _links;
    private readonly TimerWheel _wheel;
    private readonly EventDispatcher _dispatcher;
    private ulong _sequence;
    private Link _link;

    public ScriptedLink(
        IAggregateStore store, Func<OperatorPolicy, OperatorPolicy>? configure = null, TimeProvider? time = null,
        OverloadOptions? overload = null, StoreHealth? health = null,
        RememberedBoot? boots = null, string boot = "boot-1", StoredAggregate? resume = null,
        ListedDocuments? documents = null, string? notifier = null, IOwnership? ownership = null)
    {
        time ??= TimeProvider.System;
        _links = Registry(time, boots);
        health ??= Given.StoreHealth();
        StoreHealth = health;
        _wheel = new(time);
        Drain = new(time, NullLogger<Drain>.Instance);
        _ = SipUri.TryParse("sip:conf-factory@im.example.com", out var factory);
        var policy = new OperatorPolicy
        {
            ConferenceFactory = factory,
            Domains = ["im.example.com", "groups.example.com"],
            GroupDomain = "groups.example.com",
            ReleaseVersion = "IM-serv/OMA1.0",
            MsrpHost = "127.0.0.1",
            MsrpPort = 2855,
        };
        policy = configure?.Invoke(policy) ?? policy;
        var actions = new SipActions(policy, new GatewayOptions());
        var effects = new EffectRunner(_links, actions, Switch, policy);
        Groups = new(Documents, new(), NullLogger<Groups>.Instance);
        var hidden = new HiddenCallers();
        var ids = new DocumentIds(new(new byte[32]), policy);
        var target = WatchTarget(ids, notifier);
        var served = new ServedUserIds(new(new byte[32]), policy);
        Deliveries = new(
            Messages, Switch, policy, Microsoft.Extensions.Options.Options.Create(new DeferredOptions()),
            Microsoft.Extensions.Options.Options.Create(new MsrpOptions()), time,
            NullLogger<DeliveryRunner>.Instance);
        Deferred = new(time);
        Router = new(
            new ConferenceIds(new(new byte[32]), policy), ids, served, new MessageIds(new(new byte[32]), policy),
            new DeferredIds(new(new byte[32]), policy), Deferred,
            new DeferredEffects(
                Messages, Deliveries, policy, time, NullLogger<DeferredEffects>.Instance),
            store, health,
            new(
            [
                new ConferenceRules(Counts, Sessions, Directory, hidden, Groups, policy, time),
                new MessageRules(Groups, hidden, policy),
                SubscriptionRules(documents ?? new()),
                new DocumentWatchRules(Watcher, target, NullLogger<DocumentWatchRules>.Instance),
                new DeferredSessionRules(Messages, Deferred, ServedUsers, policy),
                new ServedUserRules(ServedUsers, new(Documents, new(), NullLogger<AccessRules>.Instance), hidden),
            ]),
            effects, _wheel, _links,
            new(ownership ?? new Alone(), _links, actions, time, NullLogger<Placement>.Instance), Drain, policy,
            new(new NoCertificate(), Microsoft.Extensions.Options.Options.Create(new MsrpOptions())), Directory, time,
            NullLogger<AggregateRouter>.Instance);
        Deposits = new(
            Switch, Messages, Deferred, Router, served, NoOthers.Instance, policy, time, NullLogger<DepositTaker>.Instance);
        Admission = new(overload ?? new(), health, Switch, time, NullLogger<Admission>.Instance);
        var index = new DocumentIndexOptions(AreOurs: notifier is null, "http://xcap.example.com/root/");
        _dispatcher = new(Admission, Router, actions, policy, index, new(policy, ServedUsers), served,
            new(Router, served, policy),
            NullLogger<EventDispatcher>.Instance);
        if (documents is not null)
            new DocumentChangeReader(documents, Subscribers, Router).StartAsync(default).GetAwaiter().GetResult();
        new DocumentWatchReader(Watcher, target, Router).StartAsync(default).GetAwaiter().GetResult();
        if (resume is not null)
            Router.ResumeAsync(resume.State.Id).GetAwaiter().GetResult();
        _link = Attach(boot);
    }

    public AggregateRouter Router { get; }

    public Drain Drain { get; }

    public LinkRegistry Links => _links;

    /// <summary>One to which nobody is attached.</summary>
    public static LinkRegistry Registry(TimeProvider time, RememberedBoot? memory = null)
    {
        memory ??= new();
        return new(new(memory, new(), time), memory);
    }

    public StoreHealth StoreHealth { get; }

    public ConferenceCounts Counts { get; } = new();

    public ConferenceDirectory Directory { get; } = new();

    /// <summary>What the XDMS has.</summary>
    public ScriptedDocuments Documents { get; } = new();

    /// <summary>What is kept for users who are away.</summary>
    public MemoryDeferredMessages Messages { get; } = new();

    /// <summary>Brings them.</summary>
    public DeliveryRunner Deliveries { get; }

    /// <summary>Takes what the switch has of messages for them.</summary>
    public DepositTaker Deposits { get; }

    public DeferredSessions Deferred { get; }

    public Groups Groups { get; }

    public GroupSessions Sessions { get; } = new();

    public DocumentSubscribers Subscribers { get; } = new();

    public ServedUsers ServedUsers { get; } = new();

    public DocumentWatcher Watcher { get; } = new();

    public Admission Admission { get; }

    public RecordingSwitch Switch { get; } = new();

    public int Alarms => _wheel.Count;

    public ulong Confirmed => _link.Ledger.Confirmed;

    /// <summary>What OnAttached has to do for a restart, if it was one.</summary>
    public Task Attached { get; private set; } = Task.CompletedTask;

    public Link Attach(string boot)
    {
        _link = _links.Attach(new() { Instance = "test", BootId = boot }, 1024, out var ended);
        Attached = RememberAsync(_link, Router.OnAttached(ended));
        return _link;
    }

    private static DocumentWatchTarget WatchTarget(DocumentIds ids, string? notifier) =>
        SipUri.TryParse(notifier, out var uri)
            ? new(ids.OfWatch(uri), new(uri, SipUri.Of("sip", "conf-factory", "im.example.com")))
            : new(AggregateId.Of(AggregateKind.DocumentWatch, "none"), null);

    private DocumentSubscriptionRules SubscriptionRules(ListedDocuments documents)
    {
        var options = new DocumentIndexOptions(true, "http://xcap.example.com/root/");
        return new(Subscribers, new(documents, options), NullLogger<DocumentSubscriptionRules>.Instance);
    }

    private async Task RememberAsync(Link link, Task dealtWith)
    {
        await dealtWith;
        await _links.RememberAsync(link, CancellationToken.None);
    }

    public void Detach() => _links.Detach(_link);

    public Task SendAsync(SipEvent happened) => SendAsync(++_sequence, happened);

    public async Task SendAsync(ulong number, SipEvent happened, CancellationToken cancellation = default)
    {
        happened.Sequence = number;
        await _dispatcher.DispatchAsync(_link, happened, cancellation);
    }

    /// <summary>The next action of that kind; confirmations and others are passed over.</summary>
    public Task<SipAction> NextAsync(SipAction.ActionOneofCase kind) => NextAsync(action => action.ActionCase == kind);

    public async Task<SipAction> NextAsync(Predicate<SipAction> isWanted)
    {
        using var timeout = new CancellationTokenSource(_patience);
        while (true)
        {
            if (_link.TryTake(out var action) && isWanted(action))
                return action;
            if (action is null)
                await _link.WaitAsync(timeout.Token);
        }
    }

    /// <summary>What is queued of that kind; others are passed over.</summary>
    public IEnumerable<SipAction> Take(SipAction.ActionOneofCase kind)
    {
        while (_link.TryTake(out var action))
        {
            if (action.ActionCase == kind)
                yield return action;
        }
    }

    /// <summary>Alice invites bob and carol.</summary>
    public static SipEvent GroupInvite(string transaction = "t1")
    {
        const string sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            + "m=message 7394 TCP/MSRP *\r\na=accept-types:message/cpim\r\na=accept-wrapped-types:*\r\n"
            + "a=path:msrp://127.0.0.1:7394/2s93i93idjkk;tcp\r\na=setup:actpass\r\n";
        const string list = "<?xml version=\"1.0\"?><resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>"
            + "<entry uri=\"sip:bob@example.com\"/><entry uri=\"sip:carol@example.com\"/></list></resource-lists>";
        const string body = "--b\r\nContent-Type: application/sdp\r\n\r\n" + sdp
            + "\r\n--b\r\nContent-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n\r\n"
            + list + "\r\n--b--\r\n";
        var wire = SipEventReaderTests.Wire("INVITE", body, ("Content-Type", "multipart/mixed;boundary=b"));
        wire.Transaction = transaction;
        return new() { Request = wire };
    }

    /// <summary>The user calls the pre-defined group.</summary>
    public static SipEvent Calls(string group, string user)
    {
        var happened = GroupInvite("t-" + user);
        var wire = SipEventReaderTests.Wire(
            "INVITE", happened.Request.Body.ToStringUtf8().Split("\r\n\r\n", 2)[1].Split("\r\n--b")[0],
            ("Content-Type", "application/sdp"), ("From", $"<sip:{user}@example.com>;tag=of-{user}"),
            ("Call-ID", "call-of-" + user));
        wire.Transaction = "t-" + user;
        wire.Uri = group;
        wire.Identities.Clear();
        wire.Identities.Add($"<sip:{user}@example.com>");
        return new() { Request = wire };
    }

    /// <summary>Alice invites user1000, user1001 ...</summary>
    public static SipEvent LargeInvite(int invitees)
    {
        var list = Encoding.UTF8.GetString(ResourceListXml.Write(
            new([.. Enumerable.Range(1000, invitees).Select(i => new ResourceListEntry($"sip:user{i}@example.com"))])));
        var happened = GroupInvite();
        var body = happened.Request.Body.ToStringUtf8();
        var start = body.IndexOf("<?xml", StringComparison.Ordinal);
        var end = body.IndexOf("\r\n--b--", StringComparison.Ordinal);
        happened.Request.Body = ByteString.CopyFromUtf8(body[..start] + list + body[end..]);
        return happened;
    }

    /// <summary>An invitee accepts the INVITE of that action; his Contact has that parameter.</summary>
    public static SipEvent Accepts(Originate invite, string tag, string parameter = "") => new()
    {
        Response = new()
        {
            ActionKey = invite.ActionKey,
            Code = 200,
            Reason = "OK",
            Headers =
            {
                Field("From", invite.From + ";tag=" + invite.FromTag),
                Field("To", invite.To + ";tag=" + tag),
                Field("Call-ID", invite.CallId),
                Field("CSeq", invite.Cseq + " INVITE"),
                Field("Contact", "<sip:" + tag + "@127.0.0.1:6001" + parameter + ">"),
            },
            Body = ByteString.CopyFromUtf8(
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n"
                + "a=accept-types:message/cpim\r\na=accept-wrapped-types:*\r\na=path:msrp://127.0.0.1:9/" + tag
                + ";tcp\r\na=setup:active\r\n"),
        },
    };

    /// <summary>A response without a body to the request of that action.</summary>
    public static SipEvent Answers(Originate request, uint code) => new()
    {
        Response = new() { ActionKey = request.ActionKey, Code = code, Reason = "As scripted" },
    };

    public static Header Field(string name, string value) => new() { Name = name, Value = ByteString.CopyFromUtf8(value) };

    public void Dispose() => _wheel.Dispose();

    /// <summary>The boot that a restarted node finds again.</summary>
    internal sealed class RememberedBoot : IBootMemory
    {
        private readonly Dictionary<string, string> _last = [];

        public string? LastOf(string instance) => _last.GetValueOrDefault(instance);

        public ValueTask RememberAsync(string instance, string boot, CancellationToken cancellation)
        {
            _last[instance] = boot;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Remembers which legs are open; the switch itself has tests of its own.</summary>
    private sealed class NoCertificate : IMsrpIdentity
    {
        public string Fingerprint => "";
    }

    internal sealed class RecordingSwitch : IMsrpSwitch
    {
        private ImmutableDictionary<string, MsrpLeg> _legs = ImmutableDictionary<string, MsrpLeg>.Empty;

        public ImmutableDictionary<string, MsrpLeg> Legs => _legs;

        private readonly Channel<MsrpLegEvent> _events = Channel.CreateUnbounded<MsrpLegEvent>();

        public ChannelReader<MsrpLegEvent> Events => _events.Reader;

        /// <summary>Something happens to a leg.</summary>
        public void Raise(MsrpLegEvent happened) => _events.Writer.TryWrite(happened);

        public bool Fails { get; set; }

        public bool IsAvailable { get; set; } = true;

        public ValueTask OpenLegAsync(MsrpLeg leg)
        {
            if (Fails)
                throw new FormatException("No such leg");

            ImmutableInterlocked.AddOrUpdate(ref _legs, leg.SessionId, leg, (_, _) => leg);
            return ValueTask.CompletedTask;
        }

        public Channel<(string SessionId, string Transaction, int Status)> Nicknames { get; } =
            Channel.CreateUnbounded<(string, string, int)>();

        public void AnswerNickname(string sessionId, string transaction, int status) =>
            Nicknames.Writer.TryWrite((sessionId, transaction, status));

        /// <summary>What the host answered for messages on legs that end here.</summary>
        public Channel<(string SessionId, long Token, int Status)> Answers { get; } =
            Channel.CreateUnbounded<(string, long, int)>();

        public void AnswerMessage(string sessionId, long token, int status, string? comment = null) =>
            Answers.Writer.TryWrite((sessionId, token, status));

        /// <summary>What the host said; nothing settles it but an event that a test raises.</summary>
        public Channel<(string SessionId, MsrpMessage Message)> Sent { get; } =
            Channel.CreateUnbounded<(string, MsrpMessage)>();

        public bool Send(string sessionId, MsrpMessage message) =>
            _legs.ContainsKey(sessionId) && Sent.Writer.TryWrite((sessionId, message));

        public void CloseLeg(string sessionId) => ImmutableInterlocked.TryRemove(ref _legs, sessionId, out _);
    }
}
