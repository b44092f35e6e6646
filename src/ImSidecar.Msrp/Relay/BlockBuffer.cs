using System.Buffers;

namespace ImSidecar.Msrp.Relay;

/// <summary>Bytes that wait, in blocks that are lent: what comes and goes costs no memory of its own.</summary>
internal sealed class BlockBuffer : IBufferWriter<byte>
{
    private const int BlockSize = 64 * 1024;

    private readonly List<(byte[] Block, int Length)> _full = [];
    private byte[] _last = [];
    private int _used;
    private int _fullLength;

    public int Length => _fullLength + _used;

    public void Advance(int count) => _used += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _last.AsSpan(_used);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _last.AsMemory(_used);
    }

    /// <summary>Writes everything there and gives the blocks back.</summary>
    public void MoveTo(IBufferWriter<byte> output)
    {
        foreach (var (block, length) in _full)
            output.Write(block.AsSpan(0, length));

        output.Write(_last.AsSpan(0, _used));
        Clear();
    }

    public void Clear()
    {
        foreach (var (block, _) in _full)
            ArrayPool<byte>.Shared.Return(block);

        if (_last.Length > 0)
            ArrayPool<byte>.Shared.Return(_last);

        _full.Clear();
        (_last, _used, _fullLength) = ([], 0, 0);
    }

    private void Reserve(int size)
    {
        if (_last.Length - _used >= size)
            return;

        if (_used > 0)
        {
            _full.Add((_last, _used));
            _fullLength += _used;
        }
        else if (_last.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_last);
        }

        // The first one small: most waits are short.
        _last = ArrayPool<byte>.Shared.Rent(Math.Max(size, _full.Count == 0 ? 4096 : BlockSize));
        _used = 0;
    }
}
