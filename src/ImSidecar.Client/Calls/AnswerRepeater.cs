using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;

namespace ImSidecar.Client.Calls;

/// <summary>Repeats our 2xx to an INVITE until its ACK, RFC 3261 13.3.1.4.</summary>
internal static class AnswerRepeater
{
    /// <summary>False if no ACK came.</summary>
    public static async Task<bool> RunAsync(ServerTransaction transaction, SipMessage answer, Task acknowledged)
    {
        var layer = transaction.Layer;
        var timers = layer.Timers;
        var started = layer.Clock.GetTimestamp();
        var interval = timers.T1;
        while (layer.Clock.GetElapsedTime(started) is var elapsed && elapsed < timers.Transaction)
        {
            var left = timers.Transaction - elapsed;
            if (await layer.IsDoneWithinAsync(acknowledged, interval < left ? interval : left))
                return true;

            await layer.SendQuietlyAsync(answer, transaction.Flow);
            interval = interval * 2 > timers.T2 ? timers.T2 : interval * 2;
        }

        layer.Report(ProtocolViolation.Of("RFC 3261 13.3.1.4", "no ACK for a 2xx of ours", transaction.Request));
        return false;
    }
}
