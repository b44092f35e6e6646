using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Msrp.V1;
using ImSidecar.Server.Admin;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Plane;

/// <summary>The MsrpSwitch service of "imsidecar msrp": commands of the sidecar to the switch, events back.</summary>
internal sealed class PlaneService(
    IMsrpSwitch msrp, IMsrpLegs legs, SidecarDesk desk, IHostApplicationLifetime lifetime,
    ILogger<PlaneService> logger)
{
    public const string Name = "imsidecar.v1.MsrpSwitch";
    public const uint ProtocolVersion = 1;

    public async Task AttachAsync(
        GrpcReader<MsrpCommandBatch> reader, GrpcWriter<MsrpEventBatch> writer, GrpcContext context)
    {
        AdminConnection.Require(context);
        using var ending = CancellationTokenSource
            .CreateLinkedTokenSource(context.Cancellation, lifetime.ApplicationStopping);
        var first = await reader.ReadAsync(ending.Token)
            ?? throw new GrpcStatusException(GrpcStatusCode.InvalidArgument, "The stream ended before MsrpHello");
        var stream = new SidecarStream(Hello(first).Node, ending.Token);
        await stream.TellAsync(new()
        {
            Hello = new() { ProtocolVersion = ProtocolVersion, Version = ProductVersion.Text },
        });
        try
        {
            desk.Attach(stream, ending);
            var writing = WriteAsync(stream, writer, ending);
            await ReadAsync(stream, first, reader, ending);
            await writing;
        }
        catch (OperationCanceledException) when (!context.Cancellation.IsCancellationRequested)
        {
            throw new GrpcStatusException(GrpcStatusCode.Aborted, "Another stream takes over, or the plane stops");
        }
        finally
        {
            desk.Detach(stream);
        }
    }

    private async Task ReadAsync(
        SidecarStream stream, MsrpCommandBatch first, GrpcReader<MsrpCommandBatch> reader,
        CancellationTokenSource ending)
    {
        try
        {
            var commands = new PlaneCommands(msrp, legs, stream, logger);
            for (var batch = first; batch is not null; batch = await reader.ReadAsync(ending.Token))
                await commands.ApplyAsync(batch);
        }
        finally
        {
            stream.Close();
        }
    }

    private static async Task WriteAsync(
        SidecarStream stream, GrpcWriter<MsrpEventBatch> writer, CancellationTokenSource ending)
    {
        try
        {
            await stream.WriteAllAsync(writer);
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    private static MsrpHello Hello(MsrpCommandBatch first)
    {
        if (first.Commands is not [{ Hello: { } hello }, ..])
            throw new GrpcStatusException(GrpcStatusCode.InvalidArgument, "The first command must be MsrpHello");

        return hello.ProtocolVersion == ProtocolVersion ? hello
            : throw new GrpcStatusException(GrpcStatusCode.FailedPrecondition,
                $"Protocol version {hello.ProtocolVersion} does not match {ProtocolVersion} of this MSRP plane");
    }
}
