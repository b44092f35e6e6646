using System.Threading.Channels;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Calls;

/// <summary>An INVITE of ours that waits for its answer, RFC 3261 13.2.</summary>
public sealed class OutgoingCall : IDialogUsage
{
    private readonly TaskCompletionSource<Call> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<SipMessage> _forks = Channel.CreateUnbounded<SipMessage>();
    private readonly UserAgent _agent;
    private readonly InviteOptions _options;
    private readonly InviteExchange _exchange;
    private Call? _call;

    internal OutgoingCall(UserAgent agent, SipMessage invite, SipFlow flow, InviteOptions options)
    {
        _agent = agent;
        _options = options;
        CallId = invite.CallId;
        LocalTag = invite.FromTag!;
        _exchange = new(agent, invite, flow, null) { OnSuccess = OnSuccess };
        _agent.Add(this);
        _ = RunAsync();
    }

    public string CallId { get; }

    public string LocalTag { get; }

    /// <summary>The INVITE as it was last sent.</summary>
    public SipMessage Request => _exchange.Request;

    public ChannelReader<SipMessage> Provisionals => _exchange.Provisionals;

    public Task<SipMessage> Final => _exchange.Final;

    /// <summary>2xx of further forks; each was acknowledged and ended.</summary>
    public ChannelReader<SipMessage> Forks => _forks.Reader;

    /// <summary>The call; throws <see cref="CallRefusedException"/> when it is refused.</summary>
    public Task<Call> Answered => _answered.Task;

    /// <summary>The answer to our CANCEL; null if the final answer to the INVITE was first.</summary>
    public Task<SipMessage?> CancelAsync() => _exchange.CancelAsync();

    void IDialogUsage.OnRequest(ServerTransaction transaction) => _ = transaction.RespondAsync(481);

    void IDialogUsage.OnAck(SipMessage ack)
    {
    }

    void IDialogUsage.OnLateAnswer(SipMessage response) => OnSuccess(response);

    private async Task RunAsync()
    {
        var running = _exchange.RunAsync();
        var final = await _exchange.Final;
        if (!final.IsSuccess)
            _answered.TrySetException(new CallRefusedException(final));
        await running;
    }

    private void OnSuccess(SipMessage response)
    {
        if (_call is { } call && call.Dialog.RemoteTag == response.ToTag)
        {
            call.AcknowledgeAgain(response);
            return;
        }

        if (Dialog.OfCaller(_exchange.Request, response) is not { } dialog)
        {
            _answered.TrySetException(new CallRefusedException(response));
            return;
        }

        if (_call is not null)
        {
            _ = EndForkAsync(dialog, response);
            return;
        }

        _call = new(_agent, dialog, _exchange.Request, response, isCaller: true) { LateAnswer = OnSuccess };
        if (_options.SendsAck)
            _call.Acknowledge(response);
        _answered.TrySetResult(_call);
    }

    private async Task EndForkAsync(Dialog dialog, SipMessage response)
    {
        var fork = new Call(_agent, dialog, _exchange.Request, response, isCaller: true, isFork: true);
        fork.Acknowledge(response);
        _forks.Writer.TryWrite(response);
        await fork.ByeAsync();
    }
}
