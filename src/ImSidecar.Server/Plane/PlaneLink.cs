using System.Net.Sockets;
using ImSidecar.Grpc;
using ImSidecar.Msrp.V1;
using ImSidecar.Server.Gateway;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Plane;

/// <summary>Keeps a stream to the MSRP plane: again at once when it ends, then every second.</summary>
internal sealed class PlaneLink(
    RemoteMsrpSwitch msrp, IOptions<PlaneOptions> options, GatewayOptions gateway, Task recovered, TimeProvider time,
    ILogger<PlaneLink> logger) : BackgroundService
{
    // A message that ends here comes whole.
    private const int MaxMessageBytes = 256 * 1024 * 1024;
    private const int MaxBatch = 256;
    private const int MaxBatchBytes = 256 * 1024;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    private string _reason = "";

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        try
        {
            // What it does not name is closed: it has to know all legs before it says which there are.
            await recovered.WaitAsync(stopping);
            using var channel = new GrpcChannel(options.Value.Socket);
            while (true)
            {
                await AttachAsync(channel, stopping);
                await Task.Delay(_pause, time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private async Task AttachAsync(GrpcChannel channel, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var call = channel.Open<MsrpCommandBatch, MsrpEventBatch>(
            "/imsidecar.v1.MsrpSwitch/Attach", MsrpEventBatch.Parser, MaxMessageBytes, ending.Token);
        var stream = new PlaneStream();
        try
        {
            stream.Add(new() { Hello = new() { ProtocolVersion = PlaneService.ProtocolVersion, Node = gateway.Node } });
            await WriteAsync(call, stream, ending.Token);
            if (await call.ReadAsync(ending.Token) is not { Events: [{ Hello: { } hello }, ..] })
                throw new GrpcStatusException(GrpcStatusCode.FailedPrecondition, "The plane did not say hello");

            Log.PlaneAttached(logger, hello.Version);
            _reason = "";
            msrp.Attach(stream);
            var writing = WriteAllAsync(call, stream, ending);
            await ReadAsync(call, stream, ending.Token);
            await ending.CancelAsync();
            await writing;
        }
        catch (Exception failure) when (
            failure is IOException or HttpRequestException or SocketException or GrpcStatusException
                or OperationCanceledException)
        {
            stopping.ThrowIfCancellationRequested();
            Tell(failure.GetBaseException().Message);
        }
        finally
        {
            await ending.CancelAsync();
            msrp.Detach(stream);
        }
    }

    private async Task ReadAsync(
        GrpcCall<MsrpCommandBatch, MsrpEventBatch> call, PlaneStream stream, CancellationToken ending)
    {
        while (await call.ReadAsync(ending) is { } batch)
        {
            foreach (var wire in batch.Events)
            {
                if (wire.EventCase == MsrpEvent.EventOneofCase.Opened)
                    stream.OnOpened(wire.Opened);
                else if (EventWire.Read(wire) is { } happened)
                    await msrp.OnEventAsync(happened, ending);
            }
        }
    }

    private static async Task WriteAllAsync(
        GrpcCall<MsrpCommandBatch, MsrpEventBatch> call, PlaneStream stream, CancellationTokenSource ending)
    {
        try
        {
            while (await stream.Commands.WaitToReadAsync(ending.Token))
                await WriteAsync(call, stream, ending.Token);
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    private static async ValueTask WriteAsync(
        GrpcCall<MsrpCommandBatch, MsrpEventBatch> call, PlaneStream stream, CancellationToken ending)
    {
        var batch = new MsrpCommandBatch();
        for (var bytes = 0;
            batch.Commands.Count < MaxBatch && bytes < MaxBatchBytes && stream.Commands.TryRead(out var command);)
        {
            bytes += command.CalculateSize();
            batch.Commands.Add(command);
        }

        await call.WriteAsync(batch, ending);
    }

    // Once for each reason: it is tried again and again.
    private void Tell(string reason)
    {
        if (reason != _reason)
            Log.PlaneDetached(logger, options.Value.Socket, reason);
        _reason = reason;
    }
}
