using System.Threading.Channels;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client.Calls;

/// <summary>An INVITE from its first sending to its last 2xx, challenges answered on the way; RFC 3261 13.2.</summary>
internal sealed class InviteExchange(UserAgent agent, SipMessage invite, SipFlow flow, Func<uint>? nextCSeq)
{
    private readonly Channel<SipMessage> _provisionals = Channel.CreateUnbounded<SipMessage>();
    private readonly TaskCompletionSource<SipMessage> _final = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClientTransaction? _transaction;

    /// <summary>The INVITE as it was last sent.</summary>
    public SipMessage Request { get; private set; } = invite;

    public ChannelReader<SipMessage> Provisionals => _provisionals.Reader;

    public Task<SipMessage> Final => _final.Task;

    /// <summary>Called for each 2xx, copies and forks too; it sends the ACK.</summary>
    public required Action<SipMessage> OnSuccess { get; init; }

    public async Task RunAsync()
    {
        for (var next = Request; next is not null;)
        {
            Request = next;
            next = null;
            _transaction = agent.Start(Request, flow);
            await foreach (var response in _transaction.Responses.ReadAllAsync())
            {
                if (response.IsProvisional)
                    _provisionals.Writer.TryWrite(response);
                else if (response.IsSuccess)
                    Succeed(response);
                else if (agent.Authorized(Request, response, nextCSeq) is { } authorized)
                    next = authorized;
                else
                    _final.TrySetResult(response);

                if (next is not null)
                    break;
            }
        }

        _provisionals.Writer.TryComplete();
    }

    /// <summary>Null if the final answer came first.</summary>
    public async Task<SipMessage?> CancelAsync()
    {
        while (!_final.Task.IsCompleted && _transaction is { } running)
        {
            if (await running.CancelAsync() is { } cancel)
                return await cancel.Final;

            // A challenge was first: the INVITE goes out again in a moment.
            await Task.WhenAny(_final.Task, Task.Delay(TimeSpan.FromMilliseconds(10)));
        }

        return null;
    }

    private void Succeed(SipMessage response)
    {
        OnSuccess(response);
        _final.TrySetResult(response);
    }
}
