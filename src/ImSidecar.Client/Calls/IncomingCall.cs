using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;

namespace ImSidecar.Client.Calls;

/// <summary>An INVITE of the peer that waits for our answer, RFC 3261 13.3; doing nothing is an answer too.</summary>
public sealed class IncomingCall
{
    private readonly UserAgent _agent;

    internal IncomingCall(UserAgent agent, ServerTransaction transaction)
    {
        _agent = agent;
        Transaction = transaction;
    }

    public SipMessage Invite => Transaction.Request;

    /// <summary>For answers of one's own making.</summary>
    public ServerTransaction Transaction { get; }

    /// <summary>Ends when the caller gives up before our final answer.</summary>
    public Task Cancelled => Transaction.Cancelled;

    public Task RingAsync() => Transaction.RespondAsync(WithContact(Transaction.CreateResponse(180)));

    public Task RejectAsync(int status = 486, string? reason = null) => Transaction.RespondAsync(status, reason);

    /// <summary>The call, or null if the caller had given up; the 200 is repeated until the ACK, RFC 3261 13.3.1.4.</summary>
    public async Task<Call?> AcceptAsync(AcceptOptions? options = null)
    {
        options ??= new();
        if (Dialog.OfCalled(Invite, Transaction.LocalTag) is not { } dialog)
        {
            await RejectAsync(400);
            return null;
        }

        var answer = WithContact(Transaction.CreateResponse(200));
        foreach (var (name, value) in options.Headers)
            answer.Add(name, value);
        if (options.RawBody is var (contentType, body))
            answer.WithBody(contentType, body);

        var call = new Call(_agent, dialog, Invite, answer, isCaller: false);
        if (!await Transaction.RespondAsync(answer))
        {
            _agent.Remove(call);
            return null;
        }

        _ = RepeatAsync(call, answer);
        return call;
    }

    private SipMessage WithContact(SipMessage response) =>
        response.Add("Contact", _agent.ContactHeader)
            .Add("Allow", UserAgent.Methods)
            .Add("Supported", "timer")
            .Add("User-Agent", UserAgent.Product);

    private async Task RepeatAsync(Call call, SipMessage answer)
    {
        var timers = _agent.Options.Timers;
        var layer = _agent.Layer;
        var started = layer.Clock.GetTimestamp();
        var interval = timers.T1;
        while (layer.Clock.GetElapsedTime(started) is var elapsed && elapsed < timers.Transaction)
        {
            var left = timers.Transaction - elapsed;
            if (await layer.IsDoneWithinAsync(call.Acknowledged, interval < left ? interval : left))
                return;

            await layer.SendQuietlyAsync(answer, Transaction.Flow);
            interval = interval * 2 > timers.T2 ? timers.T2 : interval * 2;
        }

        _agent.OnViolation(ProtocolViolation.Of("RFC 3261 13.3.1.4", "no ACK for a 2xx of ours", Invite));
        call.End(new(CallEndedBy.NoAck));
        await call.ByeAsync();
    }
}
