using System.Buffers;
using ImSidecar.Msrp.Relay;
using ImSidecar.Msrp.Switch;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Transport;

/// <summary>
/// One door for the clients of the relay and of the switch: AUTH, and what is to go on to others, is for the relay.
/// </summary>
internal sealed class FrontDoor(
    MsrpConnectionHandler theSwitch, IOptions<MsrpOptions> options, TimeProvider clock, RelayServer? relay = null)
{
    private readonly MsrpOptions _options = options.Value;

    public async Task ServeAsync(ConnectionContext connection)
    {
        var isForRelay = relay is { Options.IsOn: true } && await IsForRelayAsync(connection).ConfigureAwait(false);
        await (isForRelay ? relay!.ServeAsync(connection) : theSwitch.OnConnectedAsync(connection))
            .ConfigureAwait(false);
    }

    /// <summary>Looks at the first head, and leaves it where it is. Who sends none in time is let go by the switch.</summary>
    private async Task<bool> IsForRelayAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var patience = new CancellationTokenSource(_options.BindTimeout, clock);
        try
        {
            for (var seen = 0L; ;)
            {
                var read = await input.ReadAsync(patience.Token).ConfigureAwait(false);
                var head = HeadOf(read.Buffer);
                var isOver = head is not null || read.IsCompleted || read.Buffer.Length > _options.MaxHeaderBytes;

                // What was waited for before is looked at already; who takes over gets all of it at once.
                input.AdvanceTo(read.Buffer.Start, isOver ? read.Buffer.GetPosition(seen) : read.Buffer.End);
                seen = read.Buffer.Length;
                if (isOver)
                    return head is { IsRequest: true } && (head.Method == MsrpMethod.Auth || head.ToPath.Length > 1);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private MsrpHead? HeadOf(ReadOnlySequence<byte> buffer) =>
        new MsrpParser(_options.MaxHeaderBytes) is var parser
        && parser.Read(ref buffer, out _) == MsrpToken.Head ? parser.Head : null;
}
