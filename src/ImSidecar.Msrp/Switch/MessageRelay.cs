using System.Buffers;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>Takes the SENDs of one leg, answers them hop by hop and passes the messages on, RFC 7701 5.2.</summary>
internal sealed class MessageRelay(SwitchLeg leg, MsrpConnection connection, MsrpOptions options) : IMessageTaker
{
    // Interrupted messages, the one longest untouched first.
    private readonly List<IncomingMessage> _open = [];
    private readonly MessageRouter _router = new(leg, options, connection.Clock);
    private MsrpHead _head = null!;
    private IncomingMessage? _current;
    private bool _isAnswered;

    // What was just forwarded, if the sender should wait for those who are to hear it.
    private IncomingMessage? _awaited;

    public bool MustWait => _awaited is not null;

    public async Task WaitAsync(Task woken)
    {
        if (_awaited is not { } message)
            return;

        _awaited = null;
        await Backpressure.WaitAsync(message, options.LagTolerance, connection.Clock, woken).ConfigureAwait(false);
    }

    public void OnHead(MsrpHead head)
    {
        _head = head;
        _isAnswered = false;
        _current = Find(head);
        if (_current is null && !head.HasBody)
            return;

        if (_current is { Received: > 0 } && head is { HasBody: true, Range.Start: 1 })
            StartAgain(_current);

        _current ??= Create(head);
        if (_current.RejectedWith is not 0 and var status)
            Answer(status, _current.Refusal);
        else
            CheckRange(_current, head);
    }

    public void OnBody(in ReadOnlySequence<byte> body)
    {
        if (_current is not { RejectedWith: 0 } message)
            return;

        message.Advance(body.Length);
        if (message.Received > options.MaxMessageBytes)
        {
            Reject(message, MsrpStatus.StopSending);
            return;
        }

        foreach (var memory in body)
        {
            var status = _router.Take(message, memory.Span, connection.Batch);
            if (status == 0)
                continue;

            Reject(message, status);
            return;
        }

        if (message.Notice.Status is not 0 and var failure)
            Reject(message, failure);

        NoteWait(message);
    }

    public void OnEnd(MsrpFlag flag)
    {
        if (_current is { } message)
            End(message, flag);

        // What is not yet answered is right: an empty SEND too.
        Answer(MsrpStatus.Ok);
        _current = null;
    }

    public void Abandon()
    {
        // The rest of it may still come, and is not to be taken for what arrived.
        if (_current is not null)
            Answer(MsrpStatus.NoSuchSession);

        _current?.Abort(connection.Batch);
        foreach (var message in _open)
            message.Abort(connection.Batch);

        _current = null;
        _open.Clear();
    }

    private void End(IncomingMessage message, MsrpFlag flag)
    {
        _open.Remove(message);
        if (message.RejectedWith == 0)
        {
            if (flag == MsrpFlag.Last)
                Complete(message);
            else if (flag == MsrpFlag.Abort)
                message.Abort(connection.Batch);
            else
                Continue(message);
        }

        if (flag == MsrpFlag.More)
            Keep(message);

        NoteWait(message);
    }

    private void NoteWait(IncomingMessage message)
    {
        _awaited = message.MustWait ? message : null;
        message.MustWait = false;
    }

    private void Continue(IncomingMessage message)
    {
        message.Emit(MsrpFlag.More, connection.Batch);
        if (message.Notice.Status is not 0 and var failure)
            Reject(message, failure);
    }

    private void Complete(IncomingMessage message)
    {
        // The head never came to its end; or parts went out with another size than it now turns out to have.
        if (message.Routes is null || message.Position != message.Received
            || message.HasSealed && message.Total is { } total && total != message.Received)
        {
            Reject(message, MsrpStatus.BadRequest);
            return;
        }

        // Some keep their connection open with an empty text: nobody is to hear that.
        if (!message.Opening.IsSet)
            message.Emit(MsrpFlag.Last, connection.Batch);

        if (message.Notice.Status is not 0 and var failure)
        {
            Reject(message, failure);
            return;
        }

        MsrpMetrics.Received.Add(1);
        if (leg.BeginsToSpeak())
            MsrpTraces.FirstMessage(leg);
        Answer(MsrpStatus.Ok);
        if (message.IsPair)
            message.Notice.Complete(_head, message.Received);
        else if (_head.SuccessReport)
            connection.Report(_head, new(1, message.Received, message.Received));
    }

    private IncomingMessage? Find(MsrpHead head)
    {
        foreach (var message in _open)
        {
            if (message.Id.SequenceEqual(head.MessageIdBytes))
                return message;
        }

        return null;
    }

    private IncomingMessage Create(MsrpHead head)
    {
        var contentType = head.ContentType;
        var message = new IncomingMessage(
            head.MessageIdBytes.ToArray(), contentType, MediaTypes.FieldsOf(head, leg), new(connection, head))
        {
            Total = head.Range?.Total,
        };

        var status = message.Total > options.MaxMessageBytes ? MsrpStatus.StopSending
            : !MediaTypes.IsUsable(contentType) ? MsrpStatus.UnsupportedMediaType
            : MediaTypes.IsCpim(contentType) ? 0
            : _router.RoutePlain(message);
        if (status != 0)
            Reject(message, status);

        return message;
    }

    // No gaps: who gets one could take the rest for the whole.
    private void CheckRange(IncomingMessage message, MsrpHead head)
    {
        if (head is { Range.Start: var start, HasBody: true } && start != message.Position + 1
            && !message.TryRewind(start, connection.Batch))
            Reject(message, MsrpStatus.BadRequest);
        else
            message.Total ??= head.Range?.Total;
    }

    private void StartAgain(IncomingMessage message)
    {
        _open.Remove(message);
        message.Abort(connection.Batch);
        _current = null;
    }

    private void Keep(IncomingMessage message)
    {
        if (_open.Count == options.MaxOpenMessages)
        {
            _open[0].Abort(connection.Batch);
            _open.RemoveAt(0);
        }

        _open.Add(message);
    }

    private void Reject(IncomingMessage message, int status)
    {
        message.Abort(connection.Batch);
        message.RejectedWith = status;
        MsrpMetrics.Rejected.Add(1);
        Answer(status, message.Refusal);
    }

    private void Answer(int status, string? comment = null)
    {
        if (_isAnswered)
            return;

        _isAnswered = true;
        if (MsrpConnection.IsWanted(_head, status))
            connection.Respond(_head, status, comment);
    }
}
