using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace ImSidecar.Msrp.Transport;

/// <summary>Blocks of 64 KiB for the pipes of connections: a large chunk is then a few blocks, not dozens.</summary>
internal sealed class BlockMemoryPool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockSize = 64 * 1024;

    // Blocks kept for the next use; what is above goes back to the garbage collector.
    private const int MaxKept = 1024;

    private readonly ConcurrentQueue<byte[]> _kept = [];
    private int _count;

    public override int MaxBufferSize => BlockSize;

    /// <summary>One pool for all: it is made for use by many threads.</summary>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (!_kept.TryDequeue(out var block))
            return new Block(this, GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true));

        Interlocked.Decrement(ref _count);
        return new Block(this, block);
    }

    // Nobody owns it alone, so nobody ends it.
    protected override void Dispose(bool disposing)
    {
    }

    private void Return(byte[] block)
    {
        if (Interlocked.Increment(ref _count) <= MaxKept)
            _kept.Enqueue(block);
        else
            Interlocked.Decrement(ref _count);
    }

    private sealed class Block(BlockMemoryPool pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = bytes;

        public Memory<byte> Memory => _bytes ?? throw new ObjectDisposedException(nameof(Block));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } block)
                pool.Return(block);
        }
    }
}
