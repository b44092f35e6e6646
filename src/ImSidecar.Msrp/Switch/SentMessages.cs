using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>Messages of the host that are under way to the peer of one leg, or whose report is out.</summary>
internal sealed class SentMessages(MsrpOptions options, Func<MsrpLegEvent, bool> raise)
{
    private readonly Lock _gate = new();
    private readonly List<OutgoingMessage> _messages = [];

    /// <summary>False when too many are under way, this one is, or there is nowhere to send it.</summary>
    public bool TrySend(SwitchLeg leg, MsrpMessage message)
    {
        if (leg.Outbox is not { } outbox)
            return false;

        var outgoing = new OutgoingMessage(
            message, outbox, options.MaxChunkBytes, (each, status) => OnSettled(leg, each, status));
        lock (_gate)
        {
            if (!MakeRoom(message.MessageId))
                return false;

            _messages.Add(outgoing);
        }

        if (message.Body.Length > leg.Leg.MaxSize)
            outgoing.OnAnswer(MsrpStatus.StopSending);
        else
            outgoing.Advance();

        return true;
    }

    /// <summary>What has become of a message of ours; of any other it says nothing.</summary>
    public void OnReport(SwitchLeg leg, MsrpHead report)
    {
        OutgoingMessage? message;
        lock (_gate)
        {
            message = Find(Encoding.ASCII.GetString(report.MessageIdBytes));
            if (message is not { WantsReport: true, IsReported: false } || report.ReportStatus == 0
                || !message.OnReport(report.ReportStatus, report.Range))
                return;

            message.IsReported = true;
            if (message.IsSettled)
                _messages.Remove(message);
        }

        raise(new MsrpMessageReported(leg.SessionId, leg.Leg.BridgeId, message.Id, report.ReportStatus));
    }

    private void OnSettled(SwitchLeg leg, OutgoingMessage message, int status)
    {
        lock (_gate)
        {
            if (status != MsrpStatus.Ok || !message.WantsReport || message.IsReported)
                _messages.Remove(message);
        }

        raise(new MsrpMessageSettled(leg.SessionId, leg.Leg.BridgeId, message.Id, status));
    }

    // Who never reports does not keep others from being sent.
    private bool MakeRoom(string id)
    {
        if (Find(id) is { } known)
            return known.IsSettled && _messages.Remove(known);

        return _messages.Count < options.MaxOpenMessages || _messages.Find(each => each.IsSettled) is { } settled
            && _messages.Remove(settled);
    }

    private OutgoingMessage? Find(string id) => _messages.Find(each => each.Id == id);
}
