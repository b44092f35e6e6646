using ImSidecar.Msrp;
using ImSidecar.Msrp.V1;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Plane;

/// <summary>Does what a sidecar says on one stream: first which legs there are, then what changes.</summary>
internal sealed class PlaneCommands(IMsrpSwitch msrp, IMsrpLegs legs, SidecarStream stream, ILogger logger)
{
    // Null once all is said.
    private HashSet<string>? _named = new(StringComparer.Ordinal);

    public async ValueTask ApplyAsync(MsrpCommandBatch batch)
    {
        ulong opened = 0;
        foreach (var command in batch.Commands)
        {
            if (command.Open is { } open)
                opened = await OpenAsync(open);
            else if (command.Send is { } send)
                await SendAsync(send);
            else
                Apply(command);
        }

        if (opened > 0)
            await stream.TellAsync(new() { Opened = opened });
    }

    private async ValueTask<ulong> OpenAsync(OpenMsrpLeg open)
    {
        if (LegWire.Read(open) is not { } leg)
        {
            Log.LegMalformed(logger, "an URI in it is none");
            return open.Sequence;
        }

        await msrp.OpenLegAsync(leg);

        // It was told so before, or it was not there to hear it.
        if (_named?.Add(leg.SessionId) is true && legs.IsConnected(leg.SessionId))
            await stream.TellAsync(new() { SessionId = leg.SessionId, BridgeId = leg.BridgeId, Connected = new() });

        return open.Sequence;
    }

    private void Apply(MsrpCommand command)
    {
        switch (command.CommandCase)
        {
            case MsrpCommand.CommandOneofCase.Close:
                msrp.CloseLeg(command.Close.SessionId);
                break;
            case MsrpCommand.CommandOneofCase.Synchronized when _named is { } named:
                Synchronize(named);
                break;
            case MsrpCommand.CommandOneofCase.Nickname:
                var nickname = command.Nickname;
                msrp.AnswerNickname(nickname.SessionId, nickname.Transaction, (int)nickname.Status);
                break;
            case MsrpCommand.CommandOneofCase.Message:
                var answer = command.Message;
                msrp.AnswerMessage(
                    answer.SessionId, answer.Token, (int)answer.Status, answer.HasComment ? answer.Comment : null);
                break;
        }
    }

    private void Synchronize(HashSet<string> named)
    {
        _named = null;
        var all = legs.SessionIds;
        var others = all.Where(each => !named.Contains(each)).ToList();
        others.ForEach(msrp.CloseLeg);
        Log.Synchronized(logger, stream.Node, others.Count, all.Count);
    }

    private async ValueTask SendAsync(SendMsrpMessage send)
    {
        var message = new MsrpMessage
        {
            MessageId = send.MessageId,
            ContentType = send.ContentType,
            Body = send.Body.Memory,
            SuccessReport = send.SuccessReport,
        };
        if (msrp.Send(send.SessionId, message))
            return;

        // Of what is not even begun nobody will hear anything else.
        await stream.TellAsync(new()
        {
            SessionId = send.SessionId,
            Settled = new() { MessageId = send.MessageId, Status = 0 },
        });
    }
}
