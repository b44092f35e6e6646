using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Client.Msrp;

/// <summary>What a session does with each frame that comes in, RFC 4975 7.3, and what is wrong with it.</summary>
internal sealed class MsrpReceiver(
    Func<MsrpUri> local,
    Func<MsrpHead, bool> isFormer,
    MsrpOptions options,
    MsrpOutbox outbox,
    Action<ProtocolViolation> report,
    CancellationToken closed)
{
    private const int MaxRemembered = 100_000;

    private int _whole;
    private long _described;

    /// <summary>The peer, once its description is known.</summary>
    public MsrpMedia? Remote
    {
        get;
        set
        {
            field = value;
            _described = Stopwatch.GetTimestamp();
        }
    }

    public MsrpInbox Inbox { get; } = new(options.LongestMessage);

    public Channel<MsrpReport> Reports { get; } = Channel.CreateUnbounded<MsrpReport>();

    public ConcurrentQueue<MsrpChunk> Chunks { get; } = [];

    /// <summary>The first request for our session makes the connection ours.</summary>
    public async Task TakeAsync(MsrpFrame frame, MsrpConnection connection, Action bind)
    {
        var head = frame.Head;
        if (!head.IsRequest)
        {
            if (!outbox.OnResponse(head))
                Report("RFC 4975 7.2", "a response that nobody waits for", head);
            return;
        }

        if (head.ToPath.Contains(local()))
        {
            bind();
        }
        else if (!isFormer(head))
        {
            await AnswerAsync(connection, head, MsrpStatus.NoSuchSession);
            return;
        }

        Check(head, frame);
        if (head.Method == MsrpMethod.Report)
            Reports.Writer.TryWrite(new(head.MessageId, head.ReportStatus, head.Range));
        else if (head.Method == MsrpMethod.Send)
            await TakeSendAsync(frame, connection);
        else
            await AnswerAsync(connection, head, MsrpStatus.NotImplemented);
    }

    public void Complete()
    {
        Inbox.Messages.Writer.TryComplete();
        Inbox.Aborted.Writer.TryComplete();
        Reports.Writer.TryComplete();
    }

    private async Task TakeSendAsync(MsrpFrame frame, MsrpConnection connection)
    {
        var chunk = new MsrpChunk(frame.Head, frame.Body.Length, frame.Flag);
        if (Chunks.Count < MaxRemembered)
            Chunks.Enqueue(chunk);

        if (options.Hold is { } hold)
            await hold(chunk).WaitAsync(closed);

        MsrpMessage? whole = null;
        var status = options.Answer?.Invoke(chunk) ?? MsrpStatus.Ok;
        if (status == MsrpStatus.Ok && frame.Head.HasBody)
            status = Inbox.Take(frame, out whole);
        if (whole is not null && ++_whole > options.DiesAfter)
            throw new IOException("the handset has died");

        var isWanted = frame.Head.FailureReport == FailureReport.Yes
            || frame.Head.FailureReport == FailureReport.Partial && status != MsrpStatus.Ok;
        if (isWanted && status != 0)
            await AnswerAsync(connection, frame.Head, status);
        if (whole is not null && frame.Head.SuccessReport)
            await ReportSuccessAsync(connection, frame.Head, whole);
    }

    private Task ReportSuccessAsync(MsrpConnection connection, MsrpHead head, MsrpMessage whole)
    {
        var output = new ArrayBufferWriter<byte>();
        var range = new ByteRange(1, whole.Body.Length, whole.Body.Length);
        MsrpWriter.WriteReport(
            output, MsrpIdent.Fresh(), MsrpPaths.BackTo(head), whole.MessageId, range, MsrpStatus.Ok);
        return connection.WriteAsync(output.WrittenMemory, closed);
    }

    private async Task AnswerAsync(MsrpConnection connection, MsrpHead head, int status)
    {
        var output = new ArrayBufferWriter<byte>();
        if (head.Method != MsrpMethod.Report && MsrpWriter.TryWriteResponse(output, head, status))
            await connection.WriteAsync(output.WrittenMemory, closed);
    }

    private void Check(MsrpHead head, MsrpFrame frame)
    {
        if (head.Fault != MsrpFault.None)
            Report("RFC 4975 9", $"head not right: {head.Fault}", head);
        if (Remote is { } remote && !head.FromPath.SequenceEqual(ExpectedFrom(remote)))
        {
            var since = Stopwatch.GetElapsedTime(_described).TotalMilliseconds;
            Report(
                "RFC 4975 7.1.1",
                $"From-Path {string.Join(' ', head.FromPath)} is not {string.Join(' ', ExpectedFrom(remote))} of the description"
                    + $" taken {since:F0} ms before {DateTime.UtcNow:HH:mm:ss.fff}",
                head);
        }

        if (head.ToPath.Length != 1)
            Report("RFC 4975 7.1.1", "To-Path does not end with us alone", head);
        if (head.Method == MsrpMethod.Send && head.Range is { End: { } end, Start: var start }
            && end - start + 1 != frame.Body.Length)
            Report("RFC 4975 7.1.1", "Byte-Range does not fit the body", head);
    }

    // Our relays stand before the peer's path, the one nearest to us first.
    private IEnumerable<MsrpUri> ExpectedFrom(MsrpMedia remote) =>
        options.Relay is { } relay ? relay.UsePath.Concat(remote.Path) : remote.Path;

    private void Report(string rule, string detail, MsrpHead head) =>
        report(new(rule, detail, $"MSRP {head.TransactionId} {(head.IsRequest ? head.Method : head.Status)}"));
}
