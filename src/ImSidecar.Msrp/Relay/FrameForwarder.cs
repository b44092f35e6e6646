using System.Buffers;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Relay;

/// <summary>
/// Passes on what one connection brings, RFC 4976 6: a chunk as it came, or, when it is long, cut. For the reader of
/// the connection alone.
/// </summary>
internal sealed class FrameForwarder(RelayServer server, RelayConnection connection)
{
    /// <summary>What is held of a chunk before it is cut.</summary>
    public const int MaxPiece = 64 * 1024;

    // How long answers are waited for that may lie behind what is not read.
    private static readonly TimeSpan _answerWait = TimeSpan.FromMilliseconds(250);

    private readonly RouteCache _routes = new();
    private readonly List<RelayOutput> _touched = [];
    private MsrpHead? _head;
    private RelayRoute? _route;
    private RelayOutput? _full;
    private RelayOutput? _waitedFor;
    private TimeSpan _pause;
    private long _next;
    private bool _isCut;

    /// <summary>The body of this frame goes somewhere.</summary>
    public bool IsTaking => _route is not null;

    /// <summary>Nothing more is to be read for now.</summary>
    public bool MustWait => _full is not null || _pause > TimeSpan.Zero || connection.Output.HasManyAnswers;

    public void OnHead(MsrpHead head)
    {
        (_head, _route, _isCut, _next) = (head, null, false, head.Range?.Start ?? 1);
        if (head.Fault != MsrpFault.None)
            Refuse(head, new(MsrpStatus.BadRequest));
        else if (head.ToPathBytes.Contains((byte)' '))
            OnPath(head);
        else if (!head.IsRequest)
            OnAnswer(head);
        else if (head.Method == MsrpMethod.Auth)
            OnAuth(head);
        else
            FindRoute(head);
    }

    /// <summary>A part of a chunk that is longer than what we hold, or slower.</summary>
    public void OnPiece(in ReadOnlySequence<byte> piece)
    {
        if (_head is not { Method: MsrpMethod.Send } head)
        {
            Give(new(MsrpStatus.BadRequest, "Bad Request: body too long"));
            return;
        }

        _isCut = true;
        if (!TrySend(head, piece, MsrpFlag.More, out var refusal))
            Give(refusal);
    }

    public void OnEnd(in ReadOnlySequence<byte> body, MsrpFlag flag)
    {
        if (_route is null || _head is not { } head)
            return;

        if (head.Method != MsrpMethod.Send)
            Pass(head, body, flag);
        else if (!TrySend(head, body, flag, out var refusal))
            Give(refusal);
        else if (head.FailureReport == FailureReport.Yes)
            Respond(head, MsrpStatus.Ok, null);

        _route = null;
    }

    /// <summary>The stream is no MSRP any more.</summary>
    public void OnFault(MsrpParser parser)
    {
        if (parser is { Fault: MsrpFault.EndLine, Head: { IsRequest: true } head })
            Refuse(head, new(MsrpStatus.BadRequest));
    }

    /// <summary>The connection is gone; a chunk of which a part went on already will not end.</summary>
    public void OnLost()
    {
        if (_isCut && _route is not null && _head is { } head)
            TrySend(head, ReadOnlySequence<byte>.Empty, MsrpFlag.Abort, out _);

        _route = null;
        Flush();
    }

    /// <summary>Sends everything that was written since.</summary>
    public void Flush()
    {
        foreach (var output in _touched)
            output.Flush();

        _touched.Clear();
    }

    /// <summary>Ends when reading may go on.</summary>
    public async Task WaitAsync(Task aborted)
    {
        var (full, pause) = (_full, _pause);
        (_full, _pause) = (null, TimeSpan.Zero);
        if (pause > TimeSpan.Zero)
            await Task.WhenAny(Task.Delay(pause, server.Clock), aborted).ConfigureAwait(false);

        if (full is { HasBacklog: false })
        {
            // Its answers may come behind what this one says: only once are they waited for.
            await Task.WhenAny(full.WaitForRoomAsync(), Task.Delay(_answerWait), aborted).ConfigureAwait(false);
            _waitedFor = full;
        }
        else if (full is not null)
        {
            await Task.WhenAny(full.WaitForRoomAsync(), aborted).ConfigureAwait(false);
        }

        // For who does not read what he is told; that he answers can only be seen by reading on.
        if (connection.Output.HasManyAnswers)
            await Task.WhenAny(connection.Output.WaitForRoomAsync(), aborted).ConfigureAwait(false);
    }

    /// <summary>Tells who sent it that it did not arrive, RFC 4976 6.4.</summary>
    public static void ReportFailure(in PassedSend send, int status)
    {
        RelayMetrics.Failed.Add(1);
        send.Origin.Output.Report(send.Head, send.Range, status);
        send.Origin.Output.Flush();
    }

    private void OnPath(MsrpHead head)
    {
        if (!head.IsRequest)
            connection.Output.TakeAsked(head.TransactionIdBytes);

        FindRoute(head);
    }

    private void OnAuth(MsrpHead head)
    {
        server.Auth.Answer(connection, head);
        Touch(connection.Output);
    }

    // The answer of the next hop to a SEND that we passed on. A good one needs no word: we have said 200 already.
    private void OnAnswer(MsrpHead head)
    {
        if (!connection.Output.TryAnswer(head.TransactionIdBytes, out var send))
            ReturnAnswer(head);
        else if (head.Status != MsrpStatus.Ok)
            ReportFailure(send, head.Status);
    }

    // Kamailio's msrp module answers every request to the last hop only, not by the whole path.
    private void ReturnAnswer(MsrpHead head)
    {
        if (connection.Output.TakeAsked(head.TransactionIdBytes) is not var (origin, request))
            return;

        var paths = RelayRouter.BackPaths(request, head);
        var answer = new RelayFrame { Head = head, Paths = paths, Body = default, Flag = MsrpFlag.Last };
        if (!head.HasBody && origin.Output.TryPass(answer, connection))
            Touch(origin.Output);
    }

    private void FindRoute(MsrpHead head)
    {
        var refusal = default(RelayRouter.Refusal);
        if (head is { Method: MsrpMethod.Send, Range: { } range }
            && (range.Total ?? range.Start) > server.Options.MaxMessageBytes)
            refusal = new(MsrpStatus.StopSending);
        else
            _route = _routes.Find(head) ?? FindNew(head, out refusal);

        if (_route is null)
            Refuse(head, refusal);
    }

    private RelayRoute? FindNew(MsrpHead head, out RelayRouter.Refusal refusal)
    {
        if (server.Router.Find(connection, head, out refusal) is not { } route)
            return null;

        connection.SetUseful();
        _routes.Add(head, route);
        return route;
    }

    private bool TrySend(
        MsrpHead head, in ReadOnlySequence<byte> body, MsrpFlag flag, out RelayRouter.Refusal refusal)
    {
        var end = _next + body.Length - 1;
        var range = new ByteRange(_next, end, head.Range?.Total);
        refusal = new(MsrpStatus.StopSending);
        if (end > server.Options.MaxMessageBytes)
            return false;

        refusal = new(MsrpStatus.Timeout);
        var frame = Frame(head, body, flag, _isCut ? range : null);
        _next = end + 1;
        var output = _route!.Target.Output;
        if (!output.TrySend(frame, connection, range))
            return false;

        Sent(output, body.Length + head.Bytes.Length);
        return true;
    }

    private void Pass(MsrpHead head, in ReadOnlySequence<byte> body, MsrpFlag flag)
    {
        var frame = Frame(head, body, flag, null);
        var output = _route!.Target.Output;
        if (frame.IsEndedBy(head.TransactionIdBytes))
            Give(new(MsrpStatus.BadRequest));
        else if (!output.TryPass(frame, connection))
            Give(new(MsrpStatus.Timeout));
        else
            Sent(output, body.Length + head.Bytes.Length);
    }

    private RelayFrame Frame(MsrpHead head, in ReadOnlySequence<byte> body, MsrpFlag flag, ByteRange? cut) => new()
    {
        Head = head,
        Paths = _route!.Paths,
        Body = body,
        Flag = flag,
        CutRange = cut,
    };

    private void Sent(RelayOutput output, long bytes)
    {
        RelayMetrics.Forwarded.Add(1);
        Touch(output);
        foreach (var session in _route!.Sessions)
        {
            if (session.Bucket?.Take(bytes) is { } pause && pause > _pause)
                _pause = pause;
        }

        if (!output.IsFull)
            _waitedFor = _waitedFor == output ? null : _waitedFor;
        else if (output.HasBacklog || _waitedFor != output)
            _full = output;
    }

    // What is left of the frame goes nowhere.
    private void Give(RelayRouter.Refusal refusal)
    {
        _route = null;
        Refuse(_head!, refusal);
    }

    // Who wants no answers gets none, and a REPORT has none, RFC 4975 7.1.2.
    private void Refuse(MsrpHead head, RelayRouter.Refusal refusal)
    {
        if (refusal.Status != MsrpStatus.Ok)
            RelayMetrics.Refused.Add(1);

        var isWanted = head.FailureReport == FailureReport.Yes
            || head.FailureReport == FailureReport.Partial && refusal.Status != MsrpStatus.Ok;
        if (head.IsRequest && head.Method != MsrpMethod.Report && isWanted)
            Respond(head, refusal.Status, refusal.Comment);
    }

    private void Respond(MsrpHead head, int status, string? comment)
    {
        connection.Output.Respond(head, status, comment);
        Touch(connection.Output);
    }

    private void Touch(RelayOutput output)
    {
        if (!_touched.Contains(output))
            _touched.Add(output);
    }
}
