using System.Globalization;
using System.Threading.Channels;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Calls;

/// <summary>An established session and its dialog, RFC 3261 12 to 15.</summary>
public sealed class Call : IDialogUsage
{
    private readonly TaskCompletionSource<CallEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SipMessage> _acknowledged =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Channel<SipMessage> _requests = Channel.CreateUnbounded<SipMessage>();
    private readonly UserAgent _agent;
    private SipMessage? _ack;

    internal Call(
        UserAgent agent, Dialog dialog, SipMessage invite, SipMessage answer, bool isCaller, bool isFork = false)
    {
        _agent = agent;
        Dialog = dialog;
        Invite = invite;
        Answer = answer;
        IsCaller = isCaller;
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
    public string SessionIdentity => ((IsCaller ? Answer : Invite).Contact?.Uri.Text) ?? "";

    public Task<CallEnd> Ended => _ended.Task;

    /// <summary>The ACK for our 2xx.</summary>
    public Task<SipMessage> Acknowledged => _acknowledged.Task;

    /// <summary>Requests of the peer within the dialog, ACK excepted, in order.</summary>
    public ChannelReader<SipMessage> Requests => _requests.Reader;

    /// <summary>Answers requests of the peer other than BYE; null lets the call answer by itself.</summary>
    public Func<ServerTransaction, Task>? Responder { get; set; }

    public string CallId => Dialog.CallId;

    public string LocalTag => Dialog.LocalTag;

    /// <summary>What to do with a 2xx to our INVITE that comes late: a copy or a fork.</summary>
    internal Action<SipMessage>? LateAnswer { get; init; }

    private SipProtocol Transport => _agent.Options.Transport;

    /// <summary>Ends the call; it counts as ended whatever the answer is.</summary>
    public async Task<SipMessage> ByeAsync()
    {
        var sent = SendAsync(Dialog.CreateRequest("BYE"));
        End(new(CallEndedBy.Us));
        return await sent;
    }

    /// <summary>A request of any method in this dialog; a CSeq of one's own choice may be wrong on purpose.</summary>
    public Task<SipMessage> SendAsync(
        string method, uint? cseq = null, IEnumerable<(string Name, string Value)>? headers = null,
        (string ContentType, ReadOnlyMemory<byte> Body)? body = null)
    {
        var request = cseq is { } number ? Dialog.CreateRequest(method, number) : Dialog.CreateRequest(method);
        foreach (var (name, value) in headers ?? [])
            request.Add(name, value);
        if (body is var (contentType, content))
            request.WithBody(contentType, content);
        return SendAsync(request);
    }

    /// <summary>Sends the ACK for that 2xx; done by itself unless the INVITE's options say otherwise.</summary>
    public void Acknowledge(SipMessage answer)
    {
        _ack = Dialog.CreateRequest("ACK", answer.CSeq);
        foreach (var name in (string[])["Authorization", "Proxy-Authorization"])
            _ack.CopyFrom(Invite, name);
        AcknowledgeAgain(answer);
    }

    void IDialogUsage.OnAck(SipMessage ack)
    {
        if (ack.CSeq != Invite.CSeq && ack.CSeq != Dialog.RemoteCSeq)
            _agent.OnViolation(ProtocolViolation.Of("RFC 3261 13.2.2.4", "CSeq of the ACK is no INVITE's", ack));
        _acknowledged.TrySetResult(ack);
    }

    void IDialogUsage.OnLateAnswer(SipMessage response) => LateAnswer?.Invoke(response);

    void IDialogUsage.OnRequest(ServerTransaction transaction)
    {
        var request = transaction.Request;
        if (request.FromTag != Dialog.RemoteTag || _ended.Task.IsCompleted)
        {
            _ = transaction.RespondAsync(481);
            return;
        }

        if (!Dialog.Accepts(request))
        {
            _agent.OnViolation(ProtocolViolation.Of("RFC 3261 12.2.2", "CSeq is not higher than the last", request));
            _ = transaction.RespondAsync(500);
            return;
        }

        if (request.Contact is { } target && request.Method is "INVITE" or "UPDATE")
            Dialog.RemoteTarget = target.Uri.Text;
        _ = AnswerAsync(transaction);
        _requests.Writer.TryWrite(request);
    }

    internal void AcknowledgeAgain(SipMessage answer)
    {
        if (_ack is { } ack && ack.CSeq == answer.CSeq)
            _ = SendAckAsync(ack);
    }

    internal void End(CallEnd end)
    {
        if (!_ended.TrySetResult(end))
            return;

        _requests.Writer.TryComplete();
        _ = ForgetAsync();
    }

    // Late copies of a 2xx still want their ACK.
    private async Task ForgetAsync()
    {
        await _agent.Layer.DelayAsync(_agent.Options.Timers.Transaction);
        _agent.Remove(this);
    }

    private async Task AnswerAsync(ServerTransaction transaction)
    {
        switch (transaction.Request.Method)
        {
            case "BYE":
                await transaction.RespondAsync(200);
                End(new(CallEndedBy.Peer, transaction.Request));
                break;
            case not null when Responder is { } responder:
                await responder(transaction);
                break;
            case "OPTIONS" or "UPDATE" or "INFO":
                await transaction.RespondAsync(200);
                break;
            default:
                var refusal = transaction.CreateResponse(405).Add("Allow", UserAgent.Methods);
                await transaction.RespondAsync(refusal);
                break;
        }
    }

    private async Task SendAckAsync(SipMessage ack) =>
        _agent.SendAck(ack, await Dialog.NextHopAsync(Transport, CancellationToken.None));

    private async Task<SipMessage> SendAsync(SipMessage request)
    {
        request.Add("User-Agent", UserAgent.Product);
        var hop = await Dialog.NextHopAsync(Transport, CancellationToken.None);
        return await _agent.RequestAsync(request, hop, Dialog.NextCSeq);
    }
}
