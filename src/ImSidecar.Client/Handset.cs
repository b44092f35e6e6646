using System.Globalization;
using System.Threading.Channels;
using ImSidecar.Client.Blocking;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Client.Subscriptions;
using ImSidecar.Protocol.Imdn;

namespace ImSidecar.Client;

/// <summary>A person's SIP + MSRP user agent: registers, starts groups, is invited, follows their state.</summary>
public sealed class Handset : IAsyncDisposable
{
    private readonly Channel<IncomingCall> _calls = Channel.CreateUnbounded<IncomingCall>();
    private readonly Channel<SipMessage> _messages = Channel.CreateUnbounded<SipMessage>();
    private readonly UserAgent _agent;
    private SipMessage? _registration;

    public Handset(HandsetOptions options)
    {
        Options = options;
        _agent = new(options);
        _ = ServeAsync();
    }

    public HandsetOptions Options { get; }

    public string AddressOfRecord => Options.AddressOfRecord;

    /// <summary>Where we can be called directly.</summary>
    public string ContactUri => _agent.ContactUri;

    /// <summary>Whom the user has blocked: marked in what notifications tell from now on, IM 6.1.2.12.</summary>
    public BlockList Blocked
    {
        get => _agent.Blocked;
        set => _agent.Blocked = value;
    }

    public ChannelReader<IncomingCall> IncomingCalls => _calls.Reader;

    /// <summary>Page-mode messages; each was answered 200.</summary>
    public ChannelReader<SipMessage> Messages => _messages.Reader;

    /// <summary>What the peers did against the specification so far.</summary>
    public IReadOnlyCollection<ProtocolViolation> Violations => _agent.Violations;

    /// <summary>Every message sent and received so far.</summary>
    public IReadOnlyList<WireRecord> Trace => _agent.Layer.Trace;

    /// <summary>Registers or refreshes, RFC 3261 10.2, with the IM feature tag; zero seconds end it.</summary>
    public async Task<SipMessage> RegisterAsync(int seconds = 600)
    {
        var first = _registration is { } last
            ? last.Clone().Remove("Authorization").Remove("Proxy-Authorization")
                .Set("CSeq", string.Create(CultureInfo.InvariantCulture, $"{last.CSeq + 1} REGISTER"))
            : _agent.CreateRequest("REGISTER", $"sip:{Options.Domain}", AddressOfRecord)
                .Add("Contact", _agent.ContactHeader);
        first.Set("Expires", string.Create(CultureInfo.InvariantCulture, $"{seconds}"));

        var transaction = _agent.Start(first, _agent.Proxy);
        var response = await transaction.Final;
        _registration = first;
        if (_agent.Authorized(first, response, null) is { } authorized)
        {
            _registration = authorized;
            response = await _agent.Start(authorized, _agent.Proxy).Final;
        }

        if (response.IsSuccess)
            _agent.ServiceRoute = response.List("Service-Route");
        return response;
    }

    /// <summary>From now on MSRP goes through these relays, the nearest first; RFC 4976.</summary>
    public async Task<MsrpRelay> UseRelayAsync(
        RelayOptions options, CancellationToken cancellation = default) =>
        _agent.Relay = await MsrpRelay.OpenAsync(
            options with { Local = Options.Local.Address }, Options.User, Options.Password, _agent.OnViolation,
            cancellation);

    /// <summary>Invites one URI; the call goes to the proxy unless a hop is named.</summary>
    public OutgoingCall Invite(string uri, InviteOptions? options = null, SipFlow? hop = null) =>
        new(_agent, uri, [], options ?? new(), hop ?? _agent.Proxy);

    /// <summary>Invites a factory or group URI with a recipient list, RFC 5366.</summary>
    public OutgoingCall StartGroup(
        string factory, IReadOnlyCollection<string> recipients, InviteOptions? options = null, SipFlow? hop = null) =>
        new(_agent, factory, recipients, options ?? new(), hop ?? _agent.Proxy);

    /// <summary>Follows the conference state, RFC 4575.</summary>
    public Subscription Subscribe(string uri, SubscribeOptions? options = null, SipFlow? hop = null) =>
        new(_agent, uri, options ?? new(), hop ?? _agent.Proxy);

    /// <summary>Follows it until told to stop, whatever becomes of single subscriptions; IM 6.1.2.12.</summary>
    public ConferenceWatch Watch(string uri, int seconds = 3600) =>
        new(asked => Subscribe(uri, new() { Seconds = asked }), seconds, _agent.Layer);

    public Task<SipMessage> OptionsAsync(string uri, SipFlow? hop = null) =>
        SendAsync(CreateRequest("OPTIONS", uri), hop);

    /// <summary>A request outside a dialog that may be changed before it is sent.</summary>
    public SipMessage CreateRequest(string method, string uri) => _agent.CreateRequest(method, uri);

    /// <summary>Sends any request but INVITE in a transaction; gives the final answer.</summary>
    public Task<SipMessage> SendAsync(SipMessage request, SipFlow? hop = null) =>
        _agent.RequestAsync(request, hop ?? _agent.Proxy);

    /// <summary>Sends bytes as they are: a request nobody should send.</summary>
    public Task SendBytesAsync(ReadOnlyMemory<byte> bytes, SipFlow? hop = null) =>
        _agent.Layer.SendBytesAsync(bytes, hop ?? _agent.Proxy);

    public async ValueTask DisposeAsync()
    {
        _agent.Initial.Writer.TryComplete();
        await _agent.DisposeAsync();
    }

    private async Task ServeAsync()
    {
        await foreach (var transaction in _agent.Initial.Reader.ReadAllAsync())
            await AnswerAsync(transaction);

        _calls.Writer.TryComplete();
        _messages.Writer.TryComplete();
    }

    private bool Supports(string extension) =>
        extension == "timer" || (extension == "replaces" && Options.SupportsReplaces);

    private async Task TakeInviteAsync(ServerTransaction transaction)
    {
        if (transaction.Request.List("Require").FirstOrDefault(tag => !Supports(tag)) is { } unknown)
        {
            await transaction.RespondAsync(transaction.CreateResponse(420).Add("Unsupported", unknown));
            return;
        }

        var (replaced, refusal) = Options.SupportsReplaces
            ? ReplacedCall.Find(_agent, transaction.Request)
            : (null, 0);
        if (refusal != 0)
        {
            await transaction.RespondAsync(refusal);
            return;
        }

        if (Options.SendsTrying)
            await transaction.RespondAsync(100);
        _calls.Writer.TryWrite(new(_agent, transaction, replaced));
    }

    private async Task AnswerAsync(ServerTransaction transaction)
    {
        switch (transaction.Request.Method)
        {
            case "INVITE":
                await TakeInviteAsync(transaction);
                break;
            case "MESSAGE":
                await transaction.RespondAsync(200);
                if (Options.SendsDelivered
                    && this.NotifyAsync(PageText.Of(transaction.Request), NotificationKind.Delivery) is { } told)
                    _agent.Run(told, transaction.Request);
                _messages.Writer.TryWrite(transaction.Request);
                break;
            case "OPTIONS":
                await transaction.RespondAsync(transaction.CreateResponse(200).Add("Allow", UserAgent.Methods));
                break;
            default:
                await transaction.RespondAsync(transaction.CreateResponse(405).Add("Allow", UserAgent.Methods));
                break;
        }
    }
}
