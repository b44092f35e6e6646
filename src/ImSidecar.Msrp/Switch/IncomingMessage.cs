using System.Buffers;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>A message as it comes in from a leg, chunk by chunk, and where it goes.</summary>
internal sealed class IncomingMessage(byte[] id, string contentType, string fields, DeliveryNotice notice)
{
    private ArrayBufferWriter<byte>? _head;

    public ReadOnlySpan<byte> Id => id;

    public string ContentType => contentType;

    /// <summary>MIME fields besides it, with their line ends.</summary>
    public string Fields => fields;

    public DeliveryNotice Notice => notice;

    /// <summary>All who hear it; null until the CPIM header block, if any, is whole and says to whom.</summary>
    public List<Route>? Routes { get; private set; }

    /// <summary>The message in CPIM, for those who take that; null: nobody hears it so.</summary>
    public Rendition? Cpim { get; private set; }

    /// <summary>What it says, without CPIM around it; null: nobody hears it so.</summary>
    public Rendition? Bare { get; private set; }

    /// <summary>What stands before the first byte that the sender says, and is put there with it.</summary>
    public Opening Opening { get; set; }

    /// <summary>Bytes of body that came, each counted once.</summary>
    public long Received { get; private set; }

    /// <summary>Where the next byte belongs; behind it is what an overlapping chunk has not yet replaced.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes of the CPIM header block.</summary>
    public int HeadLength { get; set; }

    /// <summary>Size of the whole as the sender declares it.</summary>
    public long? Total { get; set; }

    /// <summary>The answer that ended the message before its time; 0 while it goes on.</summary>
    public int RejectedWith { get; set; }

    /// <summary>What that answer says; null: what it always says.</summary>
    public string? Refusal { get; set; }

    /// <summary>There is nobody in the bridge but its sender and one other.</summary>
    public bool IsPair { get; private set; }

    /// <summary>A recipient has so much before it that the sender should wait.</summary>
    public bool MustWait { get; set; }

    /// <summary>A part of it is on its way.</summary>
    public bool HasSealed => Cpim is { HasSealed: true } || Bare is { HasSealed: true };

    /// <summary>What came of the CPIM header block so far.</summary>
    public ReadOnlySpan<byte> HeldHead => _head is null ? [] : _head.WrittenSpan;

    public void HoldHead(ReadOnlySpan<byte> bytes) => (_head ??= new(1024)).Write(bytes);

    public void DropHead() => _head = null;

    /// <summary>From now on it is known who hears it in which form.</summary>
    public void Begin(Rendition? cpim, Rendition? bare, bool isPair)
    {
        (Cpim, Bare, IsPair) = (cpim, bare, isPair);
        Routes = cpim is not null && bare is not null ? [.. cpim.Routes, .. bare.Routes] : (cpim ?? bare)?.Routes ?? [];
    }

    public void Advance(long bytes)
    {
        Position += bytes;
        Received = Math.Max(Received, Position);
    }

    /// <summary>
    /// Goes back to a position whose bytes come again, RFC 4975 7.3.1: who hears it takes the later ones. False: to a gap,
    /// or into the header block, which says who that is.
    /// </summary>
    public bool TryRewind(long start, WriterBatch batch)
    {
        if (Routes is null || start > Received + 1 || start <= HeadLength)
            return false;

        Cpim?.Rewind(this, start, batch);
        Bare?.Rewind(this, start, batch);
        Position = start - 1;
        return true;
    }

    /// <summary>Takes what the sender says for all who hear it.</summary>
    public void Put(ReadOnlySpan<byte> bytes, WriterBatch batch)
    {
        if (Opening.IsSet && !bytes.IsEmpty)
        {
            Cpim?.Put(this, Opening.Cpim, batch);
            Bare?.Put(this, Opening.Bare, batch);
            Opening = default;
        }

        Cpim?.Put(this, bytes, batch);
        Bare?.Put(this, bytes, batch);
    }

    /// <summary>Sends what is there, as its last part or because the sender was interrupted.</summary>
    public void Emit(MsrpFlag flag, WriterBatch batch)
    {
        Emit(Cpim, flag, batch);
        Emit(Bare, flag, batch);
    }

    /// <summary>Tells those who have a part of the message that it does not go on.</summary>
    public void Abort(WriterBatch batch)
    {
        DropHead();
        Cpim?.Abort(this, batch);
        Bare?.Abort(this, batch);
        (Cpim, Bare, Routes) = (null, null, null);
    }

    private void Emit(Rendition? form, MsrpFlag flag, WriterBatch batch)
    {
        if (form is not null && flag == MsrpFlag.Last)
            form.Emit(this, flag, Received + form.Inserted, batch);
        else if (form is { IsEmpty: false })
            form.Emit(this, flag, form.TotalOf(this), batch);
    }
}
