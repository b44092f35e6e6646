using System.Buffers;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// One chunk on its way to all who hear it, encoded once but for the paths; its memory goes back after the last reader.
/// </summary>
internal sealed class OutgoingChunk(byte[] buffer, int start, int startLine, int length, ulong transaction)
{
    private int _references = 1;

    /// <summary>Key of the transaction in <see cref="PendingSends"/>.</summary>
    public ulong Transaction => transaction;

    public int Length => length;

    public void WriteTo(IBufferWriter<byte> output, MsrpPaths paths)
    {
        output.Write(buffer.AsSpan(start, startLine));
        output.Write(paths.Lines);
        output.Write(buffer.AsSpan(start + startLine, length - startLine));
    }

    public void Retain() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
