using System.IO.Pipelines;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Msrp;

/// <summary>A connection with MSRP frames; reading can be held up, so that the peer's window fills.</summary>
internal sealed class MsrpConnection(Stream stream, string remote) : IDisposable
{
    private const int MaxChunk = 16 * 1024 * 1024;

    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>Several sessions use it: none of them closes it.</summary>
    public bool IsShared { get; set; }

    public string Remote => remote;

    /// <summary>One frame each time: over a WebSocket it is one message.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await stream.WriteAsync(bytes, cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Reads until the peer closes or what it sends is no MSRP, which is told by a text.</summary>
    public async Task<string?> ReadAsync(
        Func<MsrpFrame, Task> received, Func<CancellationToken, Task> mayRead, CancellationToken cancellation)
    {
        var pipe = PipeReader.Create(stream, new(bufferSize: 65_536, leaveOpen: true));
        var frames = new MsrpFrameReader(MaxChunk);
        while (true)
        {
            await mayRead(cancellation);
            var read = await pipe.ReadAsync(cancellation);
            await mayRead(cancellation);
            var buffer = read.Buffer;
            while (frames.TryRead(ref buffer, out var frame))
                await received(frame);

            if (frames.IsTooLong || frames.Fault != MsrpFault.None)
                return frames.IsTooLong ? "a chunk too long" : $"not MSRP: {frames.Fault}";

            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                return frames.IsInsideFrame || !buffer.IsEmpty ? "closed within a frame" : null;
        }
    }

    public void Close() => stream.Dispose();

    public void Dispose()
    {
        if (!IsShared)
            Close();
    }
}
