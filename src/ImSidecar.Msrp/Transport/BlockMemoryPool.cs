using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace ImSidecar.Msrp.Transport;

/// <summary>Blocks of 64 KiB for the pipes of connections: a large chunk is then a few blocks, not dozens.</summary>
internal sealed class BlockMemoryPool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockSize = 64 * 1024;

    // Blocks kept for the next use; what is above goes back to the garbage collector.
    private const int MaxKept = 1024;

    private readonly Shelf[] _shelves = [.. Enumerable.Range(0, ShelfCount).Select(_ => new Shelf())];

    private BlockMemoryPool()
    {
    }

    /// <summary>The only one, for its blocks serve whoever comes next.</summary>
    public static BlockMemoryPool OfProcess { get; } = new();

    public override int MaxBufferSize => BlockSize;

    private static int ShelfCount => Math.Min(Environment.ProcessorCount, 16);

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        var own = OwnShelf;
        for (var i = 0; i < _shelves.Length; i++)
        {
            if (_shelves[(own + i) % _shelves.Length].TryTake() is { } bytes)
                return new Block(this, bytes);
        }

        return new Block(this, GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true));
    }

    // Nobody owns it alone, so nobody ends it.
    protected override void Dispose(bool disposing)
    {
    }

    private int OwnShelf => (int)((uint)Thread.GetCurrentProcessorId() % (uint)_shelves.Length);

    private void Return(byte[] bytes) => _shelves[OwnShelf].Put(bytes);

    /// <summary>The blocks of one processor, the last one returned first: it is still in its cache.</summary>
    private sealed class Shelf
    {
        private readonly Lock _gate = new();
        private readonly Stack<byte[]> _blocks = [];

        // Read without the lock: who misses a block makes one.
        private int _count;

        public byte[]? TryTake()
        {
            if (Volatile.Read(ref _count) == 0)
                return null;

            lock (_gate)
            {
                _count = Math.Max(0, _blocks.Count - 1);
                return _blocks.TryPop(out var bytes) ? bytes : null;
            }
        }

        public void Put(byte[] bytes)
        {
            lock (_gate)
            {
                if (_blocks.Count >= MaxKept / ShelfCount)
                    return;

                _blocks.Push(bytes);
                _count = _blocks.Count;
            }
        }
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
