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
    private readonly MediaLeg? _media;
    private readonly Lock _gate = new();
    private Call? _call;

    internal OutgoingCall(
        UserAgent agent, string uri, IReadOnlyCollection<string> recipients, InviteOptions options, SipFlow hop)
    {
        _agent = agent;
        _options = options;
        _media = options.Offer == SdpOffer.None ? null : agent.CreateMedia(options.Msrp);
        var offer = options.Offer == SdpOffer.InInvite ? _media?.Offer() : null;
        var invite = InviteRequest.Create(agent, uri, recipients, options, offer);
        CallId = invite.CallId;
        LocalTag = invite.FromTag!;
        _exchange = new(agent, invite, hop, null) { OnSuccess = OnSuccess };
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

    /// <summary>The call; fails with <see cref="CallRefusedException"/> when it is refused.</summary>
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
        {
            _answered.TrySetException(new CallRefusedException(final));
            if (_media is not null)
                await _media.Session.DisposeAsync();
        }

        await running;
        if (_call is null)
            _agent.Remove(this);
    }

    private void OnSuccess(SipMessage response)
    {
        lock (_gate)
        {
            if (_call is { } call && call.Dialog.RemoteTag == response.ToTag)
                call.AcknowledgeAgain(response);
            else if (Dialog.OfCaller(_exchange.Request, response) is not { } dialog)
                _answered.TrySetException(new CallRefusedException(response));
            else if (_call is not null || _exchange.Final is { IsCompletedSuccessfully: true, Result.IsSuccess: false })
                _agent.Run(EndForkAsync(dialog, response), response);
            else
                Establish(dialog, response);
        }
    }

    private void Establish(Dialog dialog, SipMessage response)
    {
        _call = new(_agent, dialog, _exchange.Request, response, _media, isCaller: true) { LateAnswer = OnSuccess };
        _call.WatchSessionTimer(response, _options.KeepsSessionTimer);
        if (_options.SendsAck)
            _call.Acknowledge(response);
        _ = CompleteAsync(_call, response);
    }

    private async Task CompleteAsync(Call call, SipMessage response)
    {
        try
        {
            if (_media is not null && (_options.Offer == SdpOffer.Late || _media.TakeAnswer(response.SdpBody.Span)))
                await _media.StartAsync();
            else if (_media is not null)
                _agent.OnViolation(ProtocolViolation.Of("RFC 3264 6", "2xx without an answer to our offer", response));
            _answered.TrySetResult(call);
        }
        catch (Exception error)
        {
            _answered.TrySetException(error);
        }
    }

    private async Task EndForkAsync(Dialog dialog, SipMessage response)
    {
        var fork = new Call(_agent, dialog, _exchange.Request, response, null, isCaller: true, isFork: true);
        fork.Acknowledge(response);
        _forks.Writer.TryWrite(response);
        await fork.ByeAsync();
    }
}
