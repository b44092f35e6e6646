using System.Buffers;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>A message for the host as it comes in, chunk by chunk; its memory comes out of what all may hold.</summary>
internal sealed class HeldMessage(MsrpHead first, long mostBytes, HeldBytes budget)
{
    private const int SmallestBuffer = 512;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>What the first chunk said.</summary>
    public MsrpHead First => first;

    /// <summary>Size of the whole as the sender declares it.</summary>
    public long? Total { get; set; } = first.Range?.Total;

    public int Length => _length;

    /// <summary>Memory that it has.</summary>
    public int Held => _bytes.Length;

    /// <summary>Where the next byte belongs; behind it is what an overlapping chunk has not yet replaced.</summary>
    public long Position { get; set; }

    /// <summary>The answer that ended the message before its time; 0 while it goes on.</summary>
    public int RejectedWith { get; private set; }

    public string? Refusal { get; private set; }

    public ReadOnlyMemory<byte> Body => _bytes.AsMemory(0, _length);

    /// <summary>0, or the answer that refuses the message.</summary>
    public int Write(in ReadOnlySequence<byte> piece)
    {
        if (Position + piece.Length > Math.Min(mostBytes, Array.MaxLength))
            return MsrpStatus.StopSending;

        var end = (int)(Position + piece.Length);
        if (end > _bytes.Length && !TryGrow(end))
            return MsrpStatus.Timeout;

        piece.CopyTo(_bytes.AsSpan((int)Position));
        _length = Math.Max(_length, end);
        Position = end;
        return 0;
    }

    public void Reject(int status, string? refusal)
    {
        (RejectedWith, Refusal) = (status, refusal);
        Drop();
    }

    /// <summary>Gives its memory back.</summary>
    public void Drop()
    {
        budget.Give(_bytes.Length);
        _bytes = [];
        _length = 0;
    }

    // To the size it has declared as soon as half of that is here; a declaration alone takes nothing.
    private bool TryGrow(int needed)
    {
        var size = Math.Min(Math.Max(Math.Max(needed, SmallestBuffer), _bytes.Length * 2L), mostBytes);
        if (Total >= needed && size > Total)
            size = Total.Value;

        if (!budget.TryTake(size - _bytes.Length))
            return false;

        Array.Resize(ref _bytes, (int)Math.Max(size, needed));
        return true;
    }
}
