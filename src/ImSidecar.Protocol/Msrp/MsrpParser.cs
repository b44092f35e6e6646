using System.Buffers;

namespace ImSidecar.Protocol.Msrp;

/// <summary>
/// Cuts a byte stream into heads, pieces of bodies and end-lines, RFC 4975 7.3. A body of any size flows through.
/// </summary>
public sealed class MsrpParser(int maxHeadBytes = MsrpParser.DefaultMaxHeadBytes)
{
    public const int DefaultMaxHeadBytes = 16 * 1024;

    /// <summary>Upper size of one piece of body: a large chunk and its end-line come in one.</summary>
    public const int MaxPieceBytes = 72 * 1024;

    private readonly EndLine _endLine = new();
    private State _state;
    private int _scanned;

    private enum State : byte
    {
        Head,
        BodyStart,
        Body,
        EndLine,
        Fault,
    }

    /// <summary>The head of the frame being read, or of the last one.</summary>
    public MsrpHead? Head { get; private set; }

    public MsrpFlag Flag { get; private set; }

    public MsrpFault Fault { get; private set; }

    /// <summary>True between two frames; a stream that ends elsewhere, or with bytes left over, was cut.</summary>
    public bool IsBetweenFrames => _state == State.Head;

    /// <summary>
    /// Reads the next token and moves the start of the buffer behind it. With NeedMore, call again with what is left
    /// and more behind it.
    /// </summary>
    public MsrpToken Read(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> body)
    {
        body = default;
        return _state switch
        {
            State.Head => ReadHead(ref buffer),
            State.BodyStart => ReadBodyStart(ref buffer, out body),
            State.Body => ReadBody(ref buffer, out body),
            State.EndLine => ReadEndLine(ref buffer),
            _ => MsrpToken.Fault,
        };
    }

    private MsrpToken ReadHead(ref ReadOnlySequence<byte> buffer)
    {
        var window = HeadWindow(buffer);
        var end = HeadEnd.Find(window, ref _scanned, out var hasBody);
        if (end > maxHeadBytes || end < 0 && window.Length >= maxHeadBytes)
            return Fail(MsrpFault.HeadTooLong);

        if (end < 0)
            return StartsLikeMsrp(window) ? MsrpToken.NeedMore : Fail(MsrpFault.StartLine);

        if (!MsrpHeadReader.TryRead(window[..end].ToArray(), hasBody, out var head))
            return Fail(MsrpFault.StartLine);

        Head = head;
        _scanned = 0;
        _endLine.Expect(head.TransactionIdBytes);
        _state = hasBody ? State.BodyStart : State.EndLine;

        // The CRLF before the body or the end-line is left: an end-line is looked for with its CRLF.
        buffer = buffer.Slice(end - (hasBody ? 0 : 2));
        return MsrpToken.Head;
    }

    // Heads that cross a block of memory are rare: those are copied together.
    private ReadOnlySpan<byte> HeadWindow(in ReadOnlySequence<byte> buffer)
    {
        var first = buffer.FirstSpan;
        var scanned = 0;
        return buffer.IsSingleSegment || HeadEnd.Find(first, ref scanned, out _) >= 0
            ? first : buffer.Slice(0, Math.Min(buffer.Length, maxHeadBytes)).ToArray();
    }

    private MsrpToken ReadBodyStart(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> body)
    {
        body = default;
        switch (_endLine.At(buffer, 0, out _))
        {
            case EndLine.Match.Undecided:
                return MsrpToken.NeedMore;

            // Some peers end an empty body without a CRLF of its own.
            case EndLine.Match.Yes:
                return ReadEndLine(ref buffer);
        }

        buffer = buffer.Slice(2);
        _state = State.Body;

        // Not by the end its head declares, where that is here: what counts must not depend on how much is.
        return ReadBody(ref buffer, out body);
    }

    private MsrpToken ReadBody(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> body)
    {
        body = default;
        var window = buffer.Length > MaxPieceBytes ? buffer.Slice(0, MaxPieceBytes) : buffer;
        var match = _endLine.Find(window, out var at);
        if (match == EndLine.Match.Yes)
            return TakeBody(ref buffer, at, State.EndLine, out body);

        return at == 0 ? MsrpToken.NeedMore : TakeBody(ref buffer, at, State.Body, out body);
    }

    private MsrpToken TakeBody(
        ref ReadOnlySequence<byte> buffer, long length, State next, out ReadOnlySequence<byte> body)
    {
        body = buffer.Slice(0, length);
        buffer = buffer.Slice(length);
        _state = next;
        return length == 0 ? ReadEndLine(ref buffer) : MsrpToken.Body;
    }

    private MsrpToken ReadEndLine(ref ReadOnlySequence<byte> buffer)
    {
        var match = _endLine.At(buffer, 0, out var flag);
        if (match == EndLine.Match.Undecided)
            return MsrpToken.NeedMore;

        if (match == EndLine.Match.No)
            return Fail(MsrpFault.EndLine);

        Flag = flag;
        _state = State.Head;
        buffer = buffer.Slice(_endLine.Length);
        return MsrpToken.End;
    }

    private static bool StartsLikeMsrp(ReadOnlySpan<byte> window)
    {
        var compared = Math.Min(window.Length, 5);
        return window[..compared].SequenceEqual("MSRP "u8[..compared]);
    }

    private MsrpToken Fail(MsrpFault fault)
    {
        _state = State.Fault;
        Fault = fault;
        return MsrpToken.Fault;
    }
}
