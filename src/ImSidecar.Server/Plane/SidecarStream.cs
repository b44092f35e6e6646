using System.Threading.Channels;
using ImSidecar.Grpc;
using ImSidecar.Msrp.V1;

namespace ImSidecar.Server.Plane;

/// <summary>The sidecar that is attached: what it is told, in batches; who tells waits while it does not read.</summary>
internal sealed class SidecarStream(string node, CancellationToken ended)
{
    private const int Limit = 1024;
    private const int MaxBatch = 256;
    private const int MaxBatchBytes = 256 * 1024;

    private readonly Channel<MsrpEvent> _events =
        Channel.CreateBounded<MsrpEvent>(new BoundedChannelOptions(Limit) { SingleReader = true });

    public string Node => node;

    /// <summary>False when it is gone.</summary>
    public async ValueTask<bool> TellAsync(MsrpEvent happened)
    {
        try
        {
            await _events.Writer.WriteAsync(happened, ended);
            return true;
        }
        catch (Exception gone) when (gone is OperationCanceledException or ChannelClosedException)
        {
            return false;
        }
    }

    /// <summary>Takes nothing more.</summary>
    public void Close() => _events.Writer.TryComplete();

    /// <summary>What it was not told any more; to be asked after the end.</summary>
    public IEnumerable<MsrpEvent> Untold()
    {
        while (_events.Reader.TryRead(out var happened))
            yield return happened;
    }

    public async Task WriteAllAsync(GrpcWriter<MsrpEventBatch> writer)
    {
        while (await _events.Reader.WaitToReadAsync(ended))
        {
            var batch = new MsrpEventBatch();
            for (var bytes = 0;
                batch.Events.Count < MaxBatch && bytes < MaxBatchBytes && _events.Reader.TryRead(out var happened);)
            {
                bytes += happened.CalculateSize();
                batch.Events.Add(happened);
            }

            await writer.WriteAsync(batch, ended);
            await writer.FlushAsync(ended);
        }
    }
}
