using System.Threading.Channels;
using ImSidecar.Client.Msrp;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Calls;

/// <summary>An established session and its dialog, RFC 3261 12 to 15.</summary>
public sealed class Call : IDialogUsage
{
    private readonly TaskCompletionSource<CallEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<SipMessage> _requests = Channel.CreateUnbounded<SipMessage>();
    private readonly Acknowledgements _acks = new();
    private readonly UserAgent _agent;
    private readonly Reinvites _reinvites;
    private readonly SessionTimer _timer;

    internal Call(
        UserAgent agent, Dialog dialog, SipMessage invite, SipMessage answer, MediaLeg? media, bool isCaller,
        bool isFork = false)
    {
        _agent = agent;
        Dialog = dialog;
        Invite = invite;
        Answer = answer;
        Media = media;
        IsCaller = isCaller;
        _reinvites = new(agent, this, _acks);
        _timer = new(this, agent.Layer);
        if (!isFork)
            _agent.Add(this);
    }

    public Dialog Dialog { get; }

    /// <summary>The INVITE that made the dialog, sent or received.</summary>
    public SipMessage Invite { get; }

    /// <summary>Its 2xx.</summary>
    public SipMessage Answer { get; }

    public bool IsCaller { get; }

    /// <summary>The Contact the peer named first: of a focus, the IM Session Identity.</summary>
    public string SessionIdentity => (IsCaller ? Answer : Invite).Contact?.Uri.Text ?? "";

    /// <summary>
    /// Our peer for the list of a group to which this call is to move, Appendix M: his address with the dialog as he
    /// sees it.
    /// </summary>
    public string ReplacingUri
    {
        get
        {
            _ = NameAddress.TryParse(Dialog.Remote, out var peer);
            return $"{peer.Uri.Bare};method=INVITE?{new Replaces(CallId, Dialog.RemoteTag, LocalTag).Embedded}";
        }
    }

    public MsrpSession? Msrp => Media?.Session;

    public Task<CallEnd> Ended => _ended.Task;

    /// <summary>The ACK for our 2xx to the first INVITE.</summary>
    public Task<SipMessage> Acknowledged => _acks.For(Invite.CSeq);

    /// <summary>Requests of the peer within the dialog, ACK excepted, in order.</summary>
    public ChannelReader<SipMessage> Requests => _requests.Reader;

    /// <summary>Answers requests of the peer other than BYE in place of the call.</summary>
    public Func<ServerTransaction, Task>? Responder { get; set; }

    public string CallId => Dialog.CallId;

    public string LocalTag => Dialog.LocalTag;

    internal MediaLeg? Media { get; }

    private MsrpSession Talking => Msrp ?? throw new InvalidOperationException("the call has no MSRP session");

    /// <summary>What to do with a 2xx to our INVITE that comes late: a copy or a fork.</summary>
    internal Action<SipMessage>? LateAnswer { get; init; }

    /// <summary>Ends the call; it counts as ended whatever the answer is.</summary>
    public Task<SipMessage> ByeAsync() => EndAsync(CallEndedBy.Us);

    /// <summary>A re-INVITE with our description as it stands; it refreshes the session timer.</summary>
    public Task<SipMessage> ReinviteAsync(IEnumerable<(string Name, string Value)>? headers = null) =>
        _reinvites.SendAsync(headers ?? []);

    /// <summary>
    /// A re-INVITE or UPDATE that moves the MSRP session to another path of ours; what comes by the old one is taken.
    /// </summary>
    public Task<SipMessage> MoveAsync(
        string method = "INVITE", bool keepsConnection = false, IReadOnlyList<string>? acceptWrappedTypes = null) =>
        _reinvites.MoveAsync(method, keepsConnection, acceptWrappedTypes);

    public Task<SipMessage> UpdateAsync(IEnumerable<(string Name, string Value)>? headers = null) =>
        SendAsync("UPDATE", headers: [("Contact", _agent.ContactHeader), .. headers ?? []]);

    /// <summary>A REFER in this dialog, RFC 3515; what comes of it is told by NOTIFY, among the requests.</summary>
    public Task<SipMessage> ReferAsync(
        string referTo, IEnumerable<(string Name, string Value)>? headers = null,
        (string ContentType, ReadOnlyMemory<byte> Body)? body = null) =>
        SendAsync(
            "REFER", headers: [("Refer-To", referTo), ("Contact", _agent.ContactHeader), .. headers ?? []], body: body);

    /// <summary>Asks the focus for a nickname, RFC 7701 7, or with an empty one for none; the status.</summary>
    public Task<int> NicknameAsync(string nickname) => Talking.NicknameAsync(nickname);

    /// <summary>A text for one participant, by the URI that the conference state shows; RFC 7701 6.2.</summary>
    public Task<MsrpSendResult> SendPrivatelyAsync(string to, string text, MsrpSendOptions? options = null) =>
        Talking.SendTextAsync(_agent.Options.AddressOfRecord, to, text, options);

    /// <summary>A request of any method in this dialog; a CSeq of one's own choice may be wrong on purpose.</summary>
    public async Task<SipMessage> SendAsync(
        string method, uint? cseq = null, IEnumerable<(string Name, string Value)>? headers = null,
        (string ContentType, ReadOnlyMemory<byte> Body)? body = null)
    {
        var request = cseq is { } number ? Dialog.CreateRequest(method, number) : Dialog.CreateRequest(method);
        request.Add("User-Agent", UserAgent.Product);
        foreach (var (name, value) in headers ?? [])
            request.Add(name, value);
        if (body is var (contentType, content))
            request.WithBody(contentType, content);

        var hop = await Dialog.NextHopAsync(_agent.Options.Transport, CancellationToken.None);
        return await _agent.RequestAsync(request, hop, Dialog.NextCSeq);
    }

    /// <summary>The answer of a re-INVITE without a <see cref="Responder"/>; for one that waited there.</summary>
    public Task AnswerReinviteAsync(ServerTransaction transaction) => _reinvites.AnswerAsync(transaction);

    /// <summary>Sends the ACK for that 2xx; done by itself unless the INVITE's options say otherwise.</summary>
    public void Acknowledge(SipMessage answer) => _reinvites.Acknowledge(Invite, answer);

    void IDialogUsage.OnAck(SipMessage ack)
    {
        if (!_acks.TryTake(ack))
            _agent.OnViolation(ProtocolViolation.Of("RFC 3261 13.2.2.4", "CSeq of the ACK is no INVITE's", ack));
    }

    void IDialogUsage.OnLateAnswer(SipMessage response)
    {
        if (response.CSeq == Invite.CSeq)
            LateAnswer?.Invoke(response);
        else
            AcknowledgeAgain(response);
    }

    void IDialogUsage.OnRequest(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (request.FromTag != Dialog.RemoteTag || _ended.Task.IsCompleted)
        {
            if (_ended.Task is { IsCompletedSuccessfully: true, Result.By: CallEndedBy.Peer })
                _agent.OnViolation(ProtocolViolation.Of("RFC 3261 15.1.1", "a request after the BYE", request));
            _ = transaction.RespondAsync(481);
        }
        else if (!Dialog.Accepts(request))
        {
            _agent.OnViolation(ProtocolViolation.Of("RFC 3261 12.2.2", "CSeq is not higher than the last", request));
            _ = transaction.RespondAsync(500);
        }
        else
        {
            if (request.Contact is { } target && request.Method is "INVITE" or "UPDATE")
                Dialog.RemoteTarget = target.Uri.Text;
            _agent.Run(AnswerAsync(transaction), request);
            _requests.Writer.TryWrite(request);
        }
    }

    internal void AcknowledgeAgain(SipMessage answer) => _reinvites.AcknowledgeAgain(answer);

    /// <summary>Follows what a 2xx says about the session timer, whoever sent it.</summary>
    internal void WatchSessionTimer(SipMessage answer, bool keeps = true) =>
        _timer.Watch(answer, isOurRequest: IsCaller, keeps);

    internal void WatchRefresh(SipMessage answer, bool isOurRequest) => _timer.Restart(answer, isOurRequest);

    internal Task<SipMessage> EndAsync(CallEndedBy by)
    {
        var sent = SendAsync("BYE");
        End(new(by));
        return sent;
    }

    private void End(CallEnd end)
    {
        if (!_ended.TrySetResult(end))
            return;

        _requests.Writer.TryComplete();
        _ = ForgetAsync();
    }

    // Late copies of a 2xx still want their ACK; the MSRP session goes with the call.
    private async Task ForgetAsync()
    {
        if (Msrp is { } msrp)
            await msrp.DisposeAsync();
        await _agent.Layer.DelayAsync(_agent.Options.Timers.Transaction);
        _agent.Remove(this);
    }

    private Task AnswerAsync(ServerTransaction transaction)
    {
        switch (transaction.Request.Method)
        {
            case "BYE":
                End(new(CallEndedBy.Peer, transaction.Request));
                return transaction.RespondAsync(200);
            case not null when Responder is { } responder:
                return responder(transaction);
            case "INVITE":
                return _reinvites.AnswerAsync(transaction);
            case "UPDATE":
                return _reinvites.AnswerUpdateAsync(transaction);
            case "OPTIONS" or "INFO" or "NOTIFY":
                return transaction.RespondAsync(200);
            default:
                return transaction.RespondAsync(transaction.CreateResponse(405).Add("Allow", UserAgent.Methods));
        }
    }
}
