using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// Tells who sent a message what became of it at the only other one, RFC 4975 7.1.2: that he has all of it, or that he did
/// not get it, which the answer to what may still come of it says too. In a group the switch is the recipient, RFC 7701 6.
/// </summary>
internal sealed class DeliveryNotice(MsrpConnection connection, MsrpHead head)
{
    private int _status;

    // Chunks without an answer, and one for those that are still to come.
    private int _open = 1;
    private (MsrpHead Head, long Length)? _last;

    /// <summary>What went wrong; 0 when nothing has.</summary>
    public int Status => Volatile.Read(ref _status);

    public void Tell(int status)
    {
        if (Interlocked.CompareExchange(ref _status, status, 0) == 0 && head.FailureReport != FailureReport.No)
            connection.ReportFailure(head, status);
    }

    /// <summary>A chunk is about to be queued.</summary>
    public void Expect() => Interlocked.Increment(ref _open);

    /// <summary>It was not.</summary>
    public void ExpectNot() => Interlocked.Decrement(ref _open);

    /// <summary>The sender has ended the message, which has this length.</summary>
    public void Complete(MsrpHead last, long length)
    {
        _last = (last, length);
        OnArrived();
    }

    /// <summary>The recipient has a chunk.</summary>
    public void OnArrived()
    {
        if (Interlocked.Decrement(ref _open) == 0 && Status == 0 && _last is ({ SuccessReport: true } last, var length))
            connection.ReportSuccess(last, length);
    }
}
