using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>One form of a message, as it came or changed into CPIM or out of it, and those who hear it so.</summary>
internal sealed class Rendition(ChunkBuilder builder, List<Route> routes)
{
    public List<Route> Routes => routes;

    /// <summary>Bytes we put in; fewer than none when we took some out.</summary>
    public int Inserted { get; set; }

    public bool IsEmpty => builder.BodyLength == 0;

    /// <summary>At least one chunk is sealed.</summary>
    public bool HasSealed => builder.HasSealed;

    /// <summary>A full chunk waits for the next byte, which decides its flag.</summary>
    public void Put(IncomingMessage message, ReadOnlySpan<byte> bytes, WriterBatch batch)
    {
        while (!bytes.IsEmpty)
        {
            if (builder.IsFull)
                Emit(message, MsrpFlag.More, TotalOf(message), batch);

            bytes = bytes[builder.Append(bytes)..];
        }
    }

    /// <summary>What comes next belongs to that position of what the sender says.</summary>
    public void Rewind(IncomingMessage message, long start, WriterBatch batch)
    {
        if (!IsEmpty)
            Emit(message, MsrpFlag.More, TotalOf(message), batch);

        builder.Start = start + Inserted;
    }

    /// <summary>Sends what the builder holds to all who are still to have it.</summary>
    public void Emit(IncomingMessage message, MsrpFlag flag, long? total, WriterBatch batch)
    {
        var start = builder.Start;
        var chunk = builder.Seal(flag, total);
        var next = builder.Start;
        foreach (var route in routes)
        {
            if (route.IsOver || TryAdd(route, chunk, next, batch))
                continue;

            var isTooLarge = next - 1 > route.MaxSize;
            if (!isTooLarge && !route.IsRefused)
                route.Outbox.NoteOverflow();

            route.Fail(isTooLarge ? MsrpStatus.StopSending : MsrpStatus.Timeout);
            Abort(message, route, start, batch);
        }

        message.MustWait |= Backpressure.IsNeeded(message);
        builder.Start = next;
        chunk.Release();
    }

    /// <summary>Tells those who have a part of the message that it does not go on.</summary>
    public void Abort(IncomingMessage message, WriterBatch batch)
    {
        var start = builder.Start;
        foreach (var route in routes)
            Abort(message, route, start, batch);

        builder.Dispose();
    }

    /// <summary>Null while the sender has not said it, or has said less than already came.</summary>
    public long? TotalOf(IncomingMessage message) =>
        message.Total >= message.Received ? message.Total + Inserted : null;

    private static bool TryAdd(Route route, OutgoingChunk chunk, long next, WriterBatch batch)
    {
        if (route.IsRefused || next - 1 > route.MaxSize)
            return false;

        // Before it: the answer may be there at once.
        route.Expect(isQueued: true);
        var added = route.Outbox.Add(chunk, route, isForced: false, batch);
        if (added != Outbox.Added.Yes)
            route.Expect(isQueued: false);

        switch (added)
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

    private void Abort(IncomingMessage message, Route route, long start, WriterBatch batch)
    {
        if (route.IsOver)
            return;

        MsrpMetrics.GivenUp.Add(1);
        if (route.IsStarted)
        {
            var end = builder.SealAbort(start, TotalOf(message));
            route.Outbox.Add(end, route, isForced: true, batch);
            end.Release();
        }

        route.IsOver = true;
    }
}
