using System.Buffers;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>A message as it comes in from a leg, chunk by chunk, and where it goes.</summary>
internal sealed class IncomingMessage(byte[] id, string contentType, ChunkBuilder builder, FailureNotice notice)
{
    private ArrayBufferWriter<byte>? _head;

    public ReadOnlySpan<byte> Id => id;

    public string ContentType => contentType;

    public ChunkBuilder Builder => builder;

    public FailureNotice Notice => notice;

    /// <summary>Null until the CPIM header block, if any, is whole and says to whom.</summary>
    public List<Route>? Routes { get; set; }

    /// <summary>Bytes of body that came.</summary>
    public long Received { get; set; }

    /// <summary>Size of the whole as the sender declares it.</summary>
    public long? Total { get; set; }

    /// <summary>Bytes we put in; fewer than none when we took some out.</summary>
    public int Inserted { get; set; }

    /// <summary>The answer that ended the message before its time; 0 while it goes on.</summary>
    public int RejectedWith { get; set; }

    /// <summary>What that answer says; null: what it always says.</summary>
    public string? Refusal { get; set; }

    /// <summary>There is nobody in the bridge but its sender and one other.</summary>
    public bool IsPair { get; set; }

    /// <summary>A recipient has so much before it that the sender should wait.</summary>
    public bool MustWait { get; set; }

    /// <summary>Null while the sender has not said it, or has said less than already came.</summary>
    public long? OutgoingTotal => Total >= Received ? Total + Inserted : null;

    /// <summary>What came of the CPIM header block so far.</summary>
    public ReadOnlySpan<byte> HeldHead => _head is null ? [] : _head.WrittenSpan;

    public void HoldHead(ReadOnlySpan<byte> bytes) => (_head ??= new(1024)).Write(bytes);

    public void DropHead() => _head = null;

    /// <summary>Sends what the builder holds to all who are still to have it.</summary>
    public void Emit(MsrpFlag flag, long? total, WriterBatch batch)
    {
        if (Routes is null)
            return;

        var start = builder.Start;
        var chunk = builder.Seal(flag, total);
        var next = builder.Start;
        foreach (var route in Routes)
        {
            if (route.IsOver || TryAdd(route, chunk, next, batch))
                continue;

            route.Fail(next - 1 > route.MaxSize ? MsrpStatus.StopSending : MsrpStatus.Timeout);
            Abort(route, start, batch);
        }

        MustWait |= Backpressure.IsNeeded(this);

        builder.Start = next;
        chunk.Release();
    }

    /// <summary>Tells those who have a part of the message that it does not go on.</summary>
    public void Abort(WriterBatch batch)
    {
        DropHead();
        var start = builder.Start;
        foreach (var route in Routes ?? [])
            Abort(route, start, batch);

        builder.Dispose();
        Routes = null;
    }

    private static bool TryAdd(Route route, OutgoingChunk chunk, long next, WriterBatch batch)
    {
        if (route.IsRefused || next - 1 > route.MaxSize)
            return false;

        switch (route.Outbox.Add(chunk, route, isForced: false, batch))
        {
            case Outbox.Added.Yes:
                route.IsStarted = true;
                return true;

            case Outbox.Added.Closed:
                route.Fail(MsrpStatus.Timeout);
                route.IsOver = true;
                return true;

            default:
                return false;
        }
    }

    private void Abort(Route route, long start, WriterBatch batch)
    {
        if (route.IsOver)
            return;

        MsrpMetrics.GivenUp.Add(1);
        if (route.IsStarted)
        {
            var end = builder.SealAbort(start, OutgoingTotal);
            route.Outbox.Add(end, route, isForced: true, batch);
            end.Release();
        }

        route.IsOver = true;
    }
}
