using System.Diagnostics;
using Google.Protobuf;
using ImSidecar.Msrp;
using ImSidecar.Msrp.V1;

namespace ImSidecar.Server.Plane;

/// <summary>What happens to legs as msrp_switch.proto says it.</summary>
internal static class EventWire
{
    public static MsrpEvent Write(MsrpLegEvent happened)
    {
        var wire = new MsrpEvent { SessionId = happened.SessionId, BridgeId = happened.BridgeId };
        switch (happened)
        {
            case MsrpLegConnected:
                wire.Connected = new();
                break;
            case MsrpLegLost lost:
                wire.Lost = new() { Loss = (LegLoss)((int)lost.Loss + 1) };
                break;
            case MsrpLegNickname asked:
                wire.Nickname = new() { Transaction = asked.Transaction, Nickname = asked.Nickname };
                break;
            case MsrpLegUnresponsive:
                wire.Unresponsive = new();
                break;
            case MsrpMessageArrived arrived:
                wire.Message = new()
                {
                    Token = arrived.Token,
                    MessageId = arrived.MessageId,
                    ContentType = arrived.ContentType,
                    Head = UnsafeByteOperations.UnsafeWrap(arrived.Head),
                    Body = UnsafeByteOperations.UnsafeWrap(arrived.Body),
                };
                break;
            case MsrpMessageSettled settled:
                wire.Settled = new() { MessageId = settled.MessageId, Status = (uint)settled.Status };
                break;
            case MsrpMessageReported reported:
                wire.Reported = new() { MessageId = reported.MessageId, Status = (uint)reported.Status };
                break;
            default:
                throw new UnreachableException(happened.GetType().Name);
        }

        return wire;
    }

    /// <summary>Null for what is no event of a leg, or one that this version does not know.</summary>
    public static MsrpLegEvent? Read(MsrpEvent wire) => wire.EventCase switch
    {
        MsrpEvent.EventOneofCase.Connected => new MsrpLegConnected(wire.SessionId, wire.BridgeId),
        MsrpEvent.EventOneofCase.Lost => new MsrpLegLost(wire.SessionId, wire.BridgeId, LossOf(wire.Lost.Loss)),
        MsrpEvent.EventOneofCase.Nickname => new MsrpLegNickname(
            wire.SessionId, wire.BridgeId, wire.Nickname.Transaction, wire.Nickname.Nickname),
        MsrpEvent.EventOneofCase.Unresponsive => new MsrpLegUnresponsive(wire.SessionId, wire.BridgeId),
        MsrpEvent.EventOneofCase.Message => new MsrpMessageArrived(
            wire.SessionId, wire.BridgeId, wire.Message.Token, wire.Message.MessageId, wire.Message.ContentType,
            wire.Message.Head.Memory, wire.Message.Body.Memory),
        MsrpEvent.EventOneofCase.Settled => new MsrpMessageSettled(
            wire.SessionId, wire.BridgeId, wire.Settled.MessageId, (int)wire.Settled.Status),
        MsrpEvent.EventOneofCase.Reported => new MsrpMessageReported(
            wire.SessionId, wire.BridgeId, wire.Reported.MessageId, (int)wire.Reported.Status),
        _ => null,
    };

    private static MsrpLoss LossOf(LegLoss loss) =>
        Enum.IsDefined((MsrpLoss)((int)loss - 1)) ? (MsrpLoss)((int)loss - 1) : MsrpLoss.Broken;
}
