using System.Collections.Concurrent;
using ImSidecar.Client.Sip;

namespace ImSidecar.Client.Calls;

/// <summary>Which of our 2xx were acknowledged, by the CSeq of their INVITE; RFC 3261 13.2.2.4.</summary>
internal sealed class Acknowledgements
{
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<SipMessage>> _acks = [];

    public Task<SipMessage> For(uint cseq) => Entry(cseq).Task;

    /// <summary>False if no 2xx of ours waits under that CSeq.</summary>
    public bool TryTake(SipMessage ack)
    {
        if (!_acks.TryGetValue(ack.CSeq, out var entry))
            return false;

        entry.TrySetResult(ack);
        return true;
    }

    private TaskCompletionSource<SipMessage> Entry(uint cseq) =>
        _acks.GetOrAdd(cseq, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
