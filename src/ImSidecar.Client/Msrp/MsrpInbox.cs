using System.Buffers;
using System.Threading.Channels;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Msrp;

/// <summary>Puts messages together by Message-ID and Byte-Range, in whatever order; RFC 4975 7.3.1.</summary>
internal sealed class MsrpInbox(long longestMessage)
{
    private const int MaxOpenMessages = 1000;

    private readonly Dictionary<string, Partial> _open = [];
    private readonly Lock _gate = new();

    public Channel<MsrpMessage> Messages { get; } = Channel.CreateUnbounded<MsrpMessage>();

    /// <summary>Message-IDs of what the sender gave up.</summary>
    public Channel<string> Aborted { get; } = Channel.CreateUnbounded<string>();

    /// <summary>Messages begun and neither complete nor given up.</summary>
    public int OpenMessages => _open.Count;

    /// <summary>The status for the chunk; whole is set when it was the missing one.</summary>
    public int Take(MsrpFrame frame, out MsrpMessage? whole)
    {
        // A session that moves has two connections for a moment.
        lock (_gate)
            return TakeOne(frame, out whole);
    }

    private int TakeOne(MsrpFrame frame, out MsrpMessage? whole)
    {
        whole = null;
        var id = frame.Head.MessageId;
        if (frame.Flag == MsrpFlag.Abort)
        {
            if (_open.Remove(id))
                Aborted.Writer.TryWrite(id);
            return MsrpStatus.Ok;
        }

        if (!_open.TryGetValue(id, out var partial))
        {
            if (_open.Count >= MaxOpenMessages)
                return MsrpStatus.StopSending;

            _open[id] = partial = new(frame.Head.ContentType);
        }

        var start = frame.Head.Range?.Start ?? 1;
        if (start - 1 + frame.Body.Length > longestMessage)
        {
            _open.Remove(id);
            return MsrpStatus.StopSending;
        }

        partial.Put(start - 1, frame.Body.Span, isLast: frame.Flag == MsrpFlag.Last);
        if (!partial.IsWhole)
            return MsrpStatus.Ok;

        _open.Remove(id);
        whole = new(id, partial.ContentType, partial.Bytes, partial.Chunks);
        Messages.Writer.TryWrite(whole);
        return MsrpStatus.Ok;
    }

    private sealed class Partial(string contentType)
    {
        private readonly SortedDictionary<long, long> _covered = [];
        private byte[] _bytes = [];
        private long _length;
        private long? _total;

        public string ContentType => contentType;

        public int Chunks { get; private set; }

        public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, (int)_length);

        public bool IsWhole => _total is { } total && CoveredFromStart() >= total;

        public void Put(long offset, ReadOnlySpan<byte> body, bool isLast)
        {
            Chunks++;
            var end = offset + body.Length;
            if (end > _bytes.Length)
                Array.Resize(ref _bytes, (int)Math.Max(end, Math.Min(_bytes.Length * 2L, int.MaxValue / 2)));

            body.CopyTo(_bytes.AsSpan((int)offset));
            _length = Math.Max(_length, end);
            _covered[offset] = Math.Max(end, _covered.GetValueOrDefault(offset));
            if (isLast)
                _total = end;
        }

        private long CoveredFromStart()
        {
            var reached = 0L;
            foreach (var (start, end) in _covered)
            {
                if (start > reached)
                    break;

                reached = Math.Max(reached, end);
            }

            return reached;
        }
    }
}
