using System.Buffers;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// One chunk on its way to all who hear it, encoded once but for the paths; its memory goes back after the last reader.
/// </summary>
internal sealed class OutgoingChunk(byte[] buffer, int start, int startLine, int length, ulong transaction)
{
    // What is smaller is put into one block at once, though the end of the block before stays empty.
    private const int MaxWhole = 4 * 1024;

    private int _references = 1;

    /// <summary>Key of the transaction in <see cref="PendingSends"/>.</summary>
    public ulong Transaction => transaction;

    public int Length => length;

    public void WriteTo(IBufferWriter<byte> output, MsrpPaths paths)
    {
        var lines = paths.Lines;
        if (length + lines.Length <= MaxWhole)
        {
            var room = output.GetSpan(length + lines.Length);
            buffer.AsSpan(start, startLine).CopyTo(room);
            lines.CopyTo(room[startLine..]);
            buffer.AsSpan(start + startLine, length - startLine).CopyTo(room[(startLine + lines.Length)..]);
            output.Advance(length + lines.Length);
            return;
        }

        output.Write(buffer.AsSpan(start, startLine));
        output.Write(lines);
        output.Write(buffer.AsSpan(start + startLine, length - startLine));
    }

    public void Retain() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
