using ImSidecar.Core.Conferences;
using ImSidecar.Grpc;
using ImSidecar.Grpc.Health;
using ImSidecar.Msrp;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Gateway;

/// <summary>The SipGateway service: hello both ways, events to the router, actions to the link.</summary>
internal sealed class SipGatewayService(
    LinkRegistry links,
    EventDispatcher dispatcher,
    AggregateRouter router,
    Recovery recovery,
    IOwnership ownership,
    GatewayOptions options,
    Live<OperatorPolicy> policy,
    HealthBoard health,
    Farewell farewell,
    ILogger<SipGatewayService> logger)
{
    public const string Name = "imsidecar.v1.SipGateway";
    private const uint ProtocolVersion = 1;

    private string _refused = "";

    public async Task AttachAsync(
        GrpcReader<SipEventBatch> reader, GrpcWriter<SipActionBatch> writer, GrpcContext context)
    {
        if (farewell.Said.IsCancellationRequested)
            throw Stopping();

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        var first = await reader.ReadAsync(ending.Token)
            ?? throw new GrpcStatusException(GrpcStatusCode.InvalidArgument, "The stream ended before LinkHello");
        var (link, ended) = Admit(first);
        Log.Attached(logger, link.Instance, link.Boot, Hello(first).KamailioVersion);
        try
        {
            using var last = farewell.Said.Register(link.Close);
            await writer.WriteAsync(new() { Actions = { new SipAction { Hello = NodeHello() } } }, ending.Token);
            await writer.FlushAsync(ending.Token);
            TableSender.Send(ownership, link);
            link.IsServing = true;
            // What was saved behind the end of the last stream is not told again by itself.
            link.Confirm();
            health.Set(Name, true);
            var remembering = RememberAsync(link, router.OnAttached(ended), ending.Token);

            var sending = SendAsync(link, writer, ending);
            await ReceiveAsync(link, first, reader, ending);
            await sending;
            await remembering;
        }
        catch (OperationCanceledException) when (farewell.Said.IsCancellationRequested)
        {
            throw Stopping();
        }
        finally
        {
            links.Detach(link);
            health.Set(Name, links.Current is not null);
            Log.Detached(logger, link.Instance);
        }
    }

    private async Task ReceiveAsync(
        Link link, SipEventBatch first, GrpcReader<SipEventBatch> reader, CancellationTokenSource ending)
    {
        var isCaughtUp = false;
        try
        {
            for (var batch = first; batch is not null && !link.IsClosed; batch = await reader.ReadAsync(ending.Token))
            {
                foreach (var happened in batch.Events)
                {
                    await dispatcher.DispatchAsync(link, happened, ending.Token);
                    if (!isCaughtUp && happened.Sequence >= link.ReplaysUpTo)
                    {
                        isCaughtUp = true;
                        link.Confirm();
                        router.OnCaughtUp();
                    }
                }
            }
        }
        finally
        {
            link.Close();
        }
    }

    private static GrpcStatusException Stopping() => new(GrpcStatusCode.Unavailable, "The server is stopping");

    // Not before: a node that dies in between has to deal with the restart again.
    private async Task RememberAsync(Link link, Task dealtWith, CancellationToken cancellation)
    {
        try
        {
            await dealtWith.WaitAsync(cancellation);
            await recovery.Done.WaitAsync(cancellation);
            await links.RememberAsync(link, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The next stream says it again.
        }
        catch (Exception error)
        {
            Log.BootNotRemembered(logger, error);
        }
    }

    private static async Task SendAsync(Link link, GrpcWriter<SipActionBatch> writer, CancellationTokenSource ending)
    {
        try
        {
            while (await link.WaitAsync(ending.Token))
            {
                await writer.WriteAsync(link.TakeBatch(), ending.Token);
                await writer.FlushAsync(ending.Token);
            }
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    // The module tries again each second: the same reason is told once.
    private (Link Link, IReadOnlyList<string> Ended) Admit(SipEventBatch first)
    {
        try
        {
            var link = links.Attach(Hello(first), options.MaxQueuedActions, out var ended);
            _refused = "";
            return (link, ended);
        }
        catch (GrpcStatusException refused)
        {
            var hello = first.Events is [{ Hello: { } opening }, ..] ? opening : new();
            var reason = hello.Instance + refused.Message;
            if (Interlocked.Exchange(ref _refused, reason) != reason)
                Log.LinkRefused(logger, hello.Instance, hello.KamailioVersion, refused.Message);
            throw;
        }
    }

    private static LinkHello Hello(SipEventBatch first)
    {
        if (first.Events is not [{ EventCase: SipEvent.EventOneofCase.Hello } opening, ..])
            throw new GrpcStatusException(GrpcStatusCode.InvalidArgument, "The first event must be LinkHello");

        var hello = opening.Hello;
        if (hello.ProtocolVersion != ProtocolVersion)
        {
            throw new GrpcStatusException(GrpcStatusCode.FailedPrecondition,
                $"The module speaks version {hello.ProtocolVersion} of the contract, the sidecar {ProductVersion.Text} speaks"
                + $" {ProtocolVersion}: install both of one release");
        }

        if (hello.Instance.Length == 0 || hello.BootId.Length == 0)
            throw new GrpcStatusException(GrpcStatusCode.InvalidArgument, "LinkHello lacks instance or boot_id");

        return hello;
    }

    private NodeHello NodeHello() => new()
    {
        ProtocolVersion = ProtocolVersion,
        Node = options.Node,
        Domains = { policy.Value.Domains },
        ServerVersion = ProductVersion.Text,
    };
}
