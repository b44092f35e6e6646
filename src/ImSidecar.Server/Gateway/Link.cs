using System.Threading.Channels;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// One attached stream of a Kamailio: the queue of actions towards it, and which of its events are saved.
/// </summary>
internal sealed class Link(string instance, string bootId, EventLedger ledger, int capacity)
{
    private readonly Channel<SipAction> _actions = Channel.CreateBounded<SipAction>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public string Instance => instance;

    public string BootId => bootId;

    public EventLedger Ledger => ledger;

    /// <summary>Our hello is out: Kamailio hands requests over from now on.</summary>
    public bool IsServing { get; set; }

    public ChannelReader<SipAction> Actions => _actions.Reader;

    /// <summary>Queues the action; false if the stream is gone or its queue is full.</summary>
    public bool TrySend(SipAction action) => _actions.Writer.TryWrite(action);

    /// <summary>Queues the action and waits while the queue is full; false if the stream is gone.</summary>
    public async ValueTask<bool> SendAsync(SipAction action, CancellationToken cancellation)
    {
        while (await _actions.Writer.WaitToWriteAsync(cancellation))
        {
            if (_actions.Writer.TryWrite(action))
                return true;
        }

        return false;
    }

    /// <summary>Ends the stream once what is queued has been sent.</summary>
    public void Close() => _actions.Writer.TryComplete();
}
