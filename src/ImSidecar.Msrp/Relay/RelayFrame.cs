using System.Buffers;
using System.Globalization;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Relay;

/// <summary>What goes to the next hop: the frame that came, with other paths and its own transaction.</summary>
internal readonly ref struct RelayFrame
{
    // Up to this size a frame is written in one go.
    private const int Small = 4096;

    public required MsrpHead Head { get; init; }

    /// <summary>To-Path and From-Path as they are from here on.</summary>
    public required ReadOnlySpan<byte> Paths { get; init; }

    public required ReadOnlySequence<byte> Body { get; init; }

    public required MsrpFlag Flag { get; init; }

    /// <summary>Given when this is a part of the chunk that came.</summary>
    public ByteRange? CutRange { get; init; }

    private static ReadOnlySpan<byte> Hyphens => "-------"u8;

    /// <summary>Whether the body would end early under this identifier.</summary>
    public bool IsEndedBy(ReadOnlySpan<byte> transaction) =>
        Head.HasBody && Holds(Body, [.. Hyphens, .. transaction]);

    public void WriteTo(IBufferWriter<byte> output, ReadOnlySpan<byte> transaction)
    {
        var head = Head.StartLineRest;
        var fields = Head.FieldsBehindPaths;
        var length = 5 + transaction.Length + head.Length + Paths.Length + fields.Length + 128;
        var tail = 2 + 2 + 7 + transaction.Length + 3;
        var isSmall = CutRange is null && length + tail + Body.Length <= Small;
        var span = output.GetSpan(isSmall ? length + tail + (int)Body.Length : length);
        var at = 0;
        Put(span, "MSRP "u8, ref at);
        Put(span, transaction, ref at);
        Put(span, head, ref at);
        Put(span, Paths, ref at);
        if (CutRange is { } range)
            PutCutFields(span, fields, range, ref at);
        else
            Put(span, fields, ref at);

        if (Head.HasBody)
            Put(span, "\r\n"u8, ref at);

        if (!isSmall)
        {
            output.Advance(at);
            foreach (var memory in Body)
                output.Write(memory.Span);

            span = output.GetSpan(tail);
            at = 0;
        }
        else
        {
            Body.CopyTo(span[at..]);
            at += (int)Body.Length;
        }

        if (Head.HasBody)
            Put(span, "\r\n"u8, ref at);

        Put(span, Hyphens, ref at);
        Put(span, transaction, ref at);
        span[at++] = (byte)Flag;
        Put(span, "\r\n"u8, ref at);
        output.Advance(at);
    }

    // Its own range first, then the fields that came but that one; the type stays last.
    private static void PutCutFields(Span<byte> span, ReadOnlySpan<byte> fields, ByteRange range, ref int at)
    {
        at += Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"Byte-Range: {range}\r\n"), span[at..]);
        while (!fields.IsEmpty)
        {
            var line = fields[..(fields.IndexOf("\r\n"u8) + 2)];
            fields = fields[line.Length..];
            if (!Ascii.EqualsIgnoreCase(line[..(line.IndexOf((byte)':') + 1)], "Byte-Range:"u8))
                Put(span, line, ref at);
        }
    }

    private static void Put(Span<byte> span, ReadOnlySpan<byte> bytes, ref int at)
    {
        bytes.CopyTo(span[at..]);
        at += bytes.Length;
    }

    private static bool Holds(in ReadOnlySequence<byte> body, ReadOnlySpan<byte> what)
    {
        if (body.IsSingleSegment)
            return body.FirstSpan.IndexOf(what) >= 0;

        // Where two blocks meet, the end of the one and the begin of the next are looked at together.
        Span<byte> joint = stackalloc byte[2 * (7 + MsrpIdent.MaxLength)];
        var kept = 0;
        foreach (var memory in body)
        {
            var span = memory.Span;
            if (span.IndexOf(what) >= 0)
                return true;

            var begin = span[..Math.Min(span.Length, what.Length - 1)];
            begin.CopyTo(joint[kept..]);
            if (joint[..(kept + begin.Length)].IndexOf(what) >= 0)
                return true;

            kept = Keep(joint[..(kept + begin.Length)], span, what.Length - 1, joint);
        }

        return false;
    }

    // The last bytes so far, for the next joint.
    private static int Keep(ReadOnlySpan<byte> joined, ReadOnlySpan<byte> span, int count, Span<byte> joint)
    {
        var source = span.Length >= count ? span : joined;
        var kept = source[^Math.Min(source.Length, count)..];
        kept.CopyTo(joint);
        return kept.Length;
    }
}
