using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// A message of the host on its way to its peer, RFC 4975 7.1.1: a few chunks at a time, the next when one is answered,
/// so that a peer who wants no more of it is not sent the rest.
/// </summary>
internal sealed class OutgoingMessage
{
    private const int MaxUnanswered = 4;
    private const int Unsettled = -1;

    private readonly Lock _gate = new();
    private readonly MsrpMessage _message;
    private readonly int _maxChunk;
    private readonly Route _route;
    private readonly Action<OutgoingMessage, int> _settled;
    private int _written;
    private int _unanswered;
    private bool _isWritten;
    private int _status = Unsettled;
    private long _reportedUpTo;

    public OutgoingMessage(
        MsrpMessage message, Outbox outbox, int maxChunk, Action<OutgoingMessage, int> settled)
    {
        (_message, _maxChunk, _settled) = (message, maxChunk, settled);
        _route = new(outbox, maxSize: null, notice: null, this);
    }

    public string Id => _message.MessageId;

    public int Length => _message.Body.Length;

    public bool WantsReport => _message.SuccessReport;

    /// <summary>Its report has come; the collection of what is sent guards it.</summary>
    public bool IsReported { get; set; }

    public bool IsSettled => Volatile.Read(ref _status) != Unsettled;

    /// <summary>Queues the next chunks, as many as may be under way.</summary>
    public void Advance()
    {
        var batch = new WriterBatch();
        var isOpen = true;
        lock (_gate)
        {
            while (isOpen && !_isWritten && !IsSettled && _unanswered < MaxUnanswered)
                isOpen = TryEmit(batch);
        }

        batch.Start();
        if (!isOpen)
            OnLost();
    }

    /// <summary>The peer has answered one chunk.</summary>
    public void OnAnswer(int status)
    {
        if (status != MsrpStatus.Ok)
        {
            Refuse(status);
            return;
        }

        bool isWhole;
        lock (_gate)
        {
            _unanswered--;
            isWhole = _isWritten && _unanswered == 0;
        }

        if (isWhole)
            Settle(MsrpStatus.Ok);
        else
            Advance();
    }

    /// <summary>A chunk did not arrive, or nobody will ever know whether it did.</summary>
    public void OnLost() => Settle(0);

    /// <summary>True when this report is the last word about it; several may tell of its parts in order.</summary>
    public bool OnReport(int status, ByteRange? range)
    {
        if (status != MsrpStatus.Ok)
            return true;

        lock (_gate)
        {
            var (start, end) = range is { } known ? (known.Start, known.End ?? Length) : (1, Length);
            if (start <= _reportedUpTo + 1)
                _reportedUpTo = Math.Max(_reportedUpTo, end);

            return _reportedUpTo >= Length;
        }
    }

    private bool TryEmit(WriterBatch batch)
    {
        using var builder = Builder();
        _written += builder.Append(_message.Body.Span[_written..]);
        _isWritten = _written == Length;
        var chunk = builder.Seal(_isWritten ? MsrpFlag.Last : MsrpFlag.More, Length);
        _unanswered++;
        var added = _route.Outbox.Add(chunk, _route, isForced: true, batch);
        chunk.Release();
        return added == Outbox.Added.Yes;
    }

    // RFC 4975 7.1.1: what has begun is ended, so that the peer does not wait for the rest.
    private void Refuse(int status)
    {
        var batch = new WriterBatch();
        lock (_gate)
        {
            if (!_isWritten && _written > 0)
            {
                using var builder = Builder();
                var end = builder.SealAbort(_written + 1, Length);
                _route.Outbox.Add(end, _route, isForced: true, batch);
                end.Release();
            }

            _isWritten = true;
        }

        batch.Start();
        Settle(status);
    }

    private ChunkBuilder Builder() => new(Id, _message.ContentType, _maxChunk)
    {
        Start = _written + 1,
        Wishes = WantsReport ? "Success-Report: yes\r\nFailure-Report: yes\r\n" : "",
    };

    private void Settle(int status)
    {
        if (Interlocked.CompareExchange(ref _status, status, Unsettled) == Unsettled)
            _settled(this, status);
    }
}
