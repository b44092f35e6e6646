using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// Tells who sent a message that the only other one did not get it: by a REPORT, RFC 4975 7.1.2, and by the answer to
/// what may still come of it. In a group the switch is the recipient, RFC 7701 6.
/// </summary>
internal sealed class FailureNotice(MsrpConnection connection, MsrpHead head)
{
    private int _status;

    /// <summary>What went wrong; 0 when nothing has.</summary>
    public int Status => Volatile.Read(ref _status);

    public void Tell(int status)
    {
        if (Interlocked.CompareExchange(ref _status, status, 0) == 0 && head.FailureReport != FailureReport.No)
            connection.ReportFailure(head, status);
    }
}
