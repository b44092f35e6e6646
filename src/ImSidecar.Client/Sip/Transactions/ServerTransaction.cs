using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Sip.Transactions;

/// <summary>A request of the peer until our final answer has surely arrived, RFC 3261 17.2 and RFC 6026.</summary>
public sealed class ServerTransaction
{
    private readonly TransactionLayer _layer;
    private readonly TaskCompletionSource _acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private SipMessage? _last;

    internal ServerTransaction(TransactionLayer layer, SipMessage request, SipFlow flow)
    {
        _layer = layer;
        Request = request;
        Flow = flow;
        Key = KeyOf(request);
    }

    public SipMessage Request { get; }

    public SipFlow Flow { get; }

    /// <summary>The tag we put into To when the request has none.</summary>
    public string LocalTag { get; } = Token.New(12);

    /// <summary>Ends when the peer cancels the INVITE before our final answer.</summary>
    public Task Cancelled => _cancelled.Task;

    public bool HasFinalResponse
    {
        get
        {
            lock (_gate)
                return _last is { IsFinal: true };
        }
    }

    internal string Key { get; }

    internal TransactionLayer Layer => _layer;

    private bool IsInvite => Request.Method == "INVITE";

    internal static string KeyOf(SipMessage request)
    {
        var via = request.List("Via") is [var first, ..] ? first : "";
        var sentBy = via.Split(';')[0];
        var method = request.Method is "ACK" ? "INVITE" : request.Method;
        return $"{request.Branch}|{sentBy}|{method}";
    }

    /// <summary>A response with everything RFC 3261 8.2.6 copies from the request.</summary>
    public SipMessage CreateResponse(int status, string? reason = null)
    {
        var response = SipMessage.Response(status, reason).CopyFrom(Request, "Via");
        if (status is > 100 and < 300)
            response.CopyFrom(Request, "Record-Route");
        response.CopyFrom(Request, "From").CopyFrom(Request, "To");
        response.CopyFrom(Request, "Call-ID").CopyFrom(Request, "CSeq");
        if (status > 100 && Request.ToTag is null)
            response.Set("To", $"{Request["To"]};tag={LocalTag}");
        return response;
    }

    public Task RespondAsync(int status, string? reason = null) => RespondAsync(CreateResponse(status, reason));

    /// <summary>False if another final answer was first.</summary>
    public async Task<bool> RespondAsync(SipMessage response)
    {
        lock (_gate)
        {
            if (_last is { IsFinal: true })
                return false;

            _last = response;
        }

        await _layer.SendQuietlyAsync(response, Flow);
        if (response.IsFinal)
            _ = EndAsync(response);
        return true;
    }

    internal void OnRetransmission()
    {
        SipMessage? last;
        lock (_gate)
            last = _last;

        // The 2xx to an INVITE is repeated by its call, not here: RFC 6026 7.1.
        if (last is not null && !(IsInvite && last.IsSuccess))
            _layer.SendSoon(last, Flow);
    }

    /// <summary>True if the ACK is for a refusal and ends here; the ACK for a 2xx belongs to the call.</summary>
    internal bool TryTakeAck()
    {
        lock (_gate)
        {
            if (_last is not { Status: >= 300 })
                return false;
        }

        _acknowledged.TrySetResult();
        return true;
    }

    internal void OnCancel() => _cancelled.TrySetResult();

    private async Task EndAsync(SipMessage response)
    {
        var timers = _layer.Timers;
        if (IsInvite && !response.IsSuccess)
        {
            await RepeatUntilAcknowledgedAsync(response, timers);
            await _layer.DelayAsync(Flow.IsReliable ? TimeSpan.Zero : timers.T4);
        }
        else
        {
            await _layer.DelayAsync(Flow.IsReliable && !IsInvite ? TimeSpan.Zero : timers.Transaction);
        }

        _layer.Remove(this);
    }

    private async Task RepeatUntilAcknowledgedAsync(SipMessage response, SipTimers timers)
    {
        var started = _layer.Clock.GetTimestamp();
        var interval = timers.T1;
        while (_layer.Clock.GetElapsedTime(started) is var elapsed && elapsed < timers.Transaction)
        {
            var left = timers.Transaction - elapsed;
            if (await _layer.IsDoneWithinAsync(_acknowledged.Task, interval < left ? interval : left))
                return;

            if (!Flow.IsReliable)
                await _layer.SendQuietlyAsync(response, Flow);
            interval = interval * 2 > timers.T2 ? timers.T2 : interval * 2;
        }

        _layer.Report(ProtocolViolation.Of("RFC 3261 17.2.1", "no ACK for a refusal of ours", Request));
    }
}
