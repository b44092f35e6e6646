using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using ImSidecar.Client.Blocking;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client;

/// <summary>What calls and subscriptions of a handset share: sending, credentials, whose request this is.</summary>
internal sealed class UserAgent : ITransactionUser, IAsyncDisposable
{
    public const string Product = "IM-client/OMA1.0 imclient/0.1";
    public const string Methods = "INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, NOTIFY, UPDATE";

    private const int MaxViolations = 10_000;

    private readonly ConcurrentDictionary<(string CallId, string LocalTag), IDialogUsage> _usages = [];
    private readonly ConcurrentQueue<ProtocolViolation> _violations = [];
    private readonly DigestCredentials _credentials;
    private readonly TransactionLayer _layer;
    private readonly string _host;

    public UserAgent(HandsetOptions options)
    {
        Options = options;
        _credentials = new(options.User, options.Password);
        _layer = new(options, this);

        // RFC 7118 5: a browser has no address that it could tell.
        _host = options.Transport == SipProtocol.Ws ? $"{Token.New(12)}.invalid" : _layer.Address.ToString();
        var transport = options.Transport == SipProtocol.Udp ? "" : $";transport={NameOf(options.Transport).ToLowerInvariant()}";
        ContactUri = $"sip:{options.User}@{_host}{transport}";
    }

    public HandsetOptions Options { get; }

    public string ContactUri { get; }

    /// <summary>Route of requests outside a dialog, as the registrar of an IMS core says; RFC 3608.</summary>
    public IReadOnlyList<string> ServiceRoute { get; set; } = [];

    public BlockList Blocked { get; set; } = BlockList.Empty;

    public TransactionLayer Layer => _layer;

    public SipFlow Proxy => new(Options.Transport, Options.Proxy);

    public IReadOnlyCollection<ProtocolViolation> Violations => _violations;

    /// <summary>Requests outside any dialog, CANCEL and ACK excepted.</summary>
    public Channel<ServerTransaction> Initial { get; } = Channel.CreateUnbounded<ServerTransaction>();

    public Channel<SipMessage> StrayAcks { get; } = Channel.CreateUnbounded<SipMessage>();

    private string Address => Options.DisplayName is { } name
        ? $"{SipParameters.Quote(name)} <{Options.AddressOfRecord}>"
        : $"<{Options.AddressOfRecord}>";

    public static string Extensions(HandsetOptions options) => options.SupportsReplaces ? "timer, replaces" : "timer";

    /// <summary>A request outside a dialog, without Via.</summary>
    public SipMessage CreateRequest(string method, string uri, string? to = null)
    {
        var request = SipMessage.Request(method, uri)
            .Add("Max-Forwards", "70")
            .Add("From", $"{Address};tag={Token.New(10)}")
            .Add("To", $"<{to ?? uri}>")
            .Add("Call-ID", $"{Token.New(20)}@{Options.Local.Address}")
            .Add("CSeq", $"1 {method}")
            .Add("User-Agent", Product);

        // IM 6.1.2.12/ims
        foreach (var route in method == "REGISTER" ? [] : ServiceRoute)
            request.Add("Route", route);
        return request;
    }

    /// <summary>What every MSRP session goes through that names no other.</summary>
    public MsrpRelay? Relay { get; set; }

    public MediaLeg CreateMedia(MsrpOptions options) => new(
        options.Address ?? Options.Local.Address, options with { Relay = options.Relay ?? Relay }, OnViolation);

    public string ContactHeader => $"<{ContactUri}>;+g.oma.sip-im";

    /// <summary>Headers of one's own choice take the place of ours with the same name; null removes them.</summary>
    public static void Override(SipMessage request, IReadOnlyList<(string Name, string? Value)> headers)
    {
        foreach (var (name, _) in headers)
            request.Remove(name);
        foreach (var (name, value) in headers)
        {
            if (value is not null)
                request.Add(name, value);
        }
    }

    /// <summary>Starts a transaction with a Via of its own.</summary>
    public ClientTransaction Start(SipMessage request, SipFlow flow) => _layer.Send(WithVia(request, flow), flow);

    /// <summary>Sends without a transaction: the ACK for a 2xx.</summary>
    public void SendAck(SipMessage ack, SipFlow flow) => _layer.SendSoon(WithVia(ack, flow), flow);

    /// <summary>The final answer to a request that is not INVITE; a challenge is answered once.</summary>
    public async Task<SipMessage> RequestAsync(SipMessage request, SipFlow flow, Func<uint>? nextCSeq = null)
    {
        var response = await Start(request, flow).Final;
        return Authorized(request, response, nextCSeq) is { } again ? await Start(again, flow).Final : response;
    }

    /// <summary>The request again with an answer to the challenge, or null if that is none or no use.</summary>
    public SipMessage? Authorized(SipMessage request, SipMessage refusal, Func<uint>? nextCSeq)
    {
        if (refusal is not { Status: 401 or 407, IsLocal: false }
            || request[refusal.Status == 401 ? "Authorization" : "Proxy-Authorization"] is not null)
            return null;

        var number = nextCSeq?.Invoke() ?? request.CSeq + 1;
        return _credentials.Authorize(request, refusal)
            ?.Set("CSeq", string.Create(CultureInfo.InvariantCulture, $"{number} {request.Method}"));
    }

    public void Add(IDialogUsage usage) => _usages[(usage.CallId, usage.LocalTag)] = usage;

    /// <summary>The call of that dialog, also for a while after it has ended.</summary>
    public Call? CallOf(string callId, string localTag) => _usages.GetValueOrDefault((callId, localTag)) as Call;

    public void Remove(IDialogUsage usage) =>
        _usages.TryRemove(KeyValuePair.Create((usage.CallId, usage.LocalTag), usage));

    public void OnRequest(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (request.Method == "CANCEL")
            _ = CancelAsync(transaction);
        else if (request.ToTag is { } tag && _usages.TryGetValue((request.CallId, tag), out var usage))
            usage.OnRequest(transaction);
        else if (request.Method == "BYE" && _layer.FindWaiting(request) is { } ringing)
            _ = EndEarlyAsync(transaction, ringing);
        else if (request.ToTag is not null)
            _ = transaction.RespondAsync(481);
        else
            Initial.Writer.TryWrite(transaction);
    }

    public void OnAck(SipMessage ack)
    {
        if (_usages.TryGetValue((ack.CallId, ack.ToTag ?? ""), out var usage))
            usage.OnAck(ack);
        else
            StrayAcks.Writer.TryWrite(ack);
    }

    public void OnStrayResponse(SipMessage response, SipFlow flow)
    {
        if (response is { IsSuccess: true, CSeqMethod: "INVITE" }
            && _usages.TryGetValue((response.CallId, response.FromTag ?? ""), out var usage))
            usage.OnLateAnswer(response);
        else if (response.CSeqMethod is "INVITE" && response.IsFinal && !response.IsSuccess)
            return;
        else
            OnViolation(ProtocolViolation.Of("RFC 3261 17.1.3", "a response that nobody waits for", response));
    }

    public void OnViolation(ProtocolViolation violation)
    {
        if (_violations.Count < MaxViolations)
            _violations.Enqueue(violation);
    }

    /// <summary>Lets it run; where a peer's Contact or Record-Route leads nowhere, that is reported.</summary>
    public async void Run(Task task, SipMessage about)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // We are being closed.
        }
        catch (Exception fault)
        {
            OnViolation(ProtocolViolation.Of("RFC 3261 12.2.1.1", fault.Message, about));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _layer.DisposeAsync();
        if (Relay is { } relay)
            await relay.DisposeAsync();
    }

    private async Task CancelAsync(ServerTransaction cancel)
    {
        if (_layer.FindInvite(cancel.Request) is not { } invite)
        {
            await cancel.RespondAsync(481);
            return;
        }

        // The To tag of the 200 is the one of the 487, RFC 3261 9.2.
        var ok = cancel.CreateResponse(200);
        if (cancel.Request.ToTag is null)
            ok.Set("To", $"{cancel.Request["To"]};tag={invite.LocalTag}");
        await cancel.RespondAsync(ok);
        if (await invite.RespondAsync(invite.CreateResponse(487)))
            invite.OnCancel();
    }

    // RFC 3261 15.1.2: a BYE in an early dialog ends the INVITE too.
    private static async Task EndEarlyAsync(ServerTransaction bye, ServerTransaction invite)
    {
        await bye.RespondAsync(200);
        if (await invite.RespondAsync(invite.CreateResponse(487)))
            invite.OnCancel();
    }

    private SipMessage WithVia(SipMessage request, SipFlow flow)
    {
        var sent = request.Clone().Remove("Via");
        return sent.AddFirst("Via", $"SIP/2.0/{NameOf(flow.Protocol)} {_host};rport;branch={Token.NewBranch()}");
    }

    private static string NameOf(SipProtocol protocol) => protocol.ToString().ToUpperInvariant();
}
