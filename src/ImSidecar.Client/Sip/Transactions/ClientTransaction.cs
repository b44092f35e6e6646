using System.Threading.Channels;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Sip.Transactions;

/// <summary>A request of ours until its final answer, RFC 3261 17.1 with the Accepted state of RFC 6026.</summary>
internal sealed class ClientTransaction(TransactionLayer layer, SipMessage request, SipFlow flow, SipTimers timers)
{
    private readonly Channel<SipMessage> _responses = Channel.CreateUnbounded<SipMessage>();
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SipMessage> _final = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    public SipMessage Request => request;

    public SipFlow Flow => flow;

    public string Key { get; } = KeyOf(request.Branch, request.Method!);

    /// <summary>Provisional answers, the final one, each further 2xx; closed when the transaction ends.</summary>
    public ChannelReader<SipMessage> Responses => _responses.Reader;

    public Task<SipMessage> Final => _final.Task;

    private bool IsInvite => request.Method == "INVITE";

    private bool HasSucceeded => _final.Task is { IsCompletedSuccessfully: true, Result.IsSuccess: true };

    private bool HasGivenUp => _final.Task is { IsCompletedSuccessfully: true, Result.IsLocal: true };

    public static string KeyOf(string? branch, string method) => $"{branch}|{method}";

    public void OnResponse(SipMessage response)
    {
        lock (_gate)
        {
            if (response.IsFinal && IsInvite && !response.IsSuccess)
                layer.SendSoon(Acknowledgement(response), flow);

            // A 2xx is always for the user: a copy, a fork, or one that came after we had given up.
            if (_final.Task.IsCompleted && !(IsInvite && response.IsSuccess && (HasSucceeded || HasGivenUp)))
                return;

            Deliver(response);
        }
    }

    public async Task RunAsync()
    {
        try
        {
            await SendUntilAnsweredAsync();
            if (IsInvite && !_final.Task.IsCompleted)
                await WaitForUserAsync();
            if (!_final.Task.IsCompleted)
                Fail(408, "Request Timeout");
        }
        catch (Exception error)
        {
            // Whatever it was: who waits for the answer must not wait for ever.
            Fail(503, $"Not Sent: {error.Message}");
        }

        await layer.DelayAsync(Linger());
        layer.Remove(this);
        _responses.Writer.TryComplete();
    }

    /// <summary>Cancels an INVITE as soon as it may, RFC 3261 9.1; null if the final answer was first.</summary>
    public async Task<ClientTransaction?> CancelAsync()
    {
        await Task.WhenAny(_answered.Task, _final.Task);
        if (_final.Task.IsCompleted)
            return null;

        _cancelled.TrySetResult();
        var cancel = Derived("CANCEL");
        cancel.CopyFrom(request, "To").Add("CSeq", $"{request.CSeq} CANCEL");
        return layer.Send(cancel, flow);
    }

    private async Task SendUntilAnsweredAsync()
    {
        var stopwatch = layer.Clock.GetTimestamp();
        var interval = timers.T1;
        await layer.SendAsync(request, flow);
        while (layer.Clock.GetElapsedTime(stopwatch) is var elapsed && elapsed < timers.Transaction)
        {
            var left = timers.Transaction - elapsed;
            var next = flow.IsReliable || interval > left ? left : interval;
            if (await layer.IsDoneWithinAsync(IsInvite ? _answered.Task : _final.Task, next))
                return;

            if (!flow.IsReliable && next < left)
                await layer.SendAsync(request, flow);
            interval = NextInterval(interval);
        }
    }

    private TimeSpan NextInterval(TimeSpan interval)
    {
        var longest = IsInvite ? timers.Transaction : timers.T2;
        return !IsInvite && _answered.Task.IsCompleted || interval * 2 > longest ? longest : interval * 2;
    }

    // A ringing user may take long; one who was cancelled may not.
    private async Task WaitForUserAsync()
    {
        if (!_answered.Task.IsCompleted)
            return;

        await layer.IsDoneWithinAsync(Task.WhenAny(_final.Task, _cancelled.Task), timers.Ringing);
        if (!_final.Task.IsCompleted && _cancelled.Task.IsCompleted)
            await layer.IsDoneWithinAsync(_final.Task, timers.Transaction);
    }

    private TimeSpan Linger()
    {
        if (HasGivenUp || IsInvite && HasSucceeded)
            return timers.Transaction;

        return flow.IsReliable ? TimeSpan.Zero : IsInvite ? timers.Transaction : timers.T4;
    }

    private void Deliver(SipMessage response)
    {
        _responses.Writer.TryWrite(response);
        _answered.TrySetResult();
        if (response.IsFinal)
            _final.TrySetResult(response);
    }

    private void Fail(int status, string reason)
    {
        lock (_gate)
        {
            if (!_final.Task.IsCompleted)
                Deliver(SipMessage.Local(request, status, reason));
        }
    }

    private SipMessage Acknowledgement(SipMessage response) =>
        Derived("ACK").CopyFrom(response, "To").Add("CSeq", $"{request.CSeq} ACK");

    // ACK for a refusal and CANCEL: same branch, Request-URI and Route as the INVITE.
    private SipMessage Derived(string method) =>
        SipMessage.Request(method, request.RequestUri!)
            .Add("Via", request.List("Via")[0])
            .Add("Max-Forwards", "70")
            .CopyFrom(request, "Route")
            .CopyFrom(request, "From")
            .CopyFrom(request, "Call-ID");
}
