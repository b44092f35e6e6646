using System.Buffers;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// Takes the SENDs of a leg that ends here: puts messages together and gives them to the host, RFC 4975 7.3. Chunks are
/// answered as they come, the last one when the host has.
/// </summary>
internal sealed class MessageKeeper(SwitchLeg leg, MsrpConnection connection, MsrpOptions options) : IMessageTaker
{
    private static readonly string _short = MsrpStatus.Comment(MsrpStatus.Timeout) + ": too much at once";

    // Interrupted messages, the one longest untouched first.
    private readonly List<HeldMessage> _open = [];
    private readonly ArrivedMessages _arrived = leg.Arrived!;
    private UserKey.Memory _from;
    private MsrpHead _head = null!;
    private HeldMessage? _current;
    private bool _isAnswered;

    public bool MustWait => _arrived.IsFull;

    public async Task WaitAsync(Task woken)
    {
        while (!woken.IsCompleted && _arrived.IsFull)
            await Task.WhenAny(_arrived.WaitForRoomAsync(), woken).ConfigureAwait(false);
    }

    public void OnHead(MsrpHead head)
    {
        _head = head;
        _isAnswered = false;
        _current = _open.Find(each => each.First.MessageIdBytes.SequenceEqual(head.MessageIdBytes));
        if (_current is null && !head.HasBody)
            return;

        if (_current is { Length: > 0 } && head is { HasBody: true, Range.Start: 1 })
            StartAgain(_current);

        _current ??= Create(head);
        if (_current.RejectedWith is not 0 and var status)
            Answer(status, _current.Refusal);
        else
            Place(_current, head);
    }

    public void OnBody(in ReadOnlySequence<byte> body)
    {
        if (_current is not { RejectedWith: 0 } message)
            return;

        MakeRoom(message, body.Length);
        if (message.Write(body) is not 0 and var status)
            Reject(message, status, status == MsrpStatus.Timeout ? _short : null);
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

        _current?.Drop();
        _open.ForEach(each => each.Drop());
        _current = null;
        _open.Clear();
        _arrived.Forget(connection);
    }

    private void End(HeldMessage message, MsrpFlag flag)
    {
        _open.Remove(message);
        if (flag == MsrpFlag.More)
            Keep(message);
        else if (flag == MsrpFlag.Abort)
            message.Drop();
        else if (message.RejectedWith == 0)
            Complete(message);
    }

    private void Complete(HeldMessage message)
    {
        var status = message.Position != message.Length || message.Total is { } total && total != message.Length
            ? MsrpStatus.BadRequest
            : MediaTypes.IsCpim(message.First.ContentType) ? CheckCpim(message.Body.Span) : 0;
        if (status != 0)
        {
            Reject(message, status);
            return;
        }

        if (!_arrived.TryAdd(leg.Leg, message, _head, connection))
        {
            // Its memory has gone back already.
            Answer(MsrpStatus.Timeout, _short);
            return;
        }

        MsrpMetrics.Received.Add(1);
        if (leg.BeginsToSpeak())
            MsrpTraces.FirstMessage(leg);
        _isAnswered = true;
    }

    // RFC 4975 7.3.1, 8.6: who speaks is who the leg is for, and what is inside is what we have said we take.
    private int CheckCpim(ReadOnlySpan<byte> body)
    {
        if (CpimReader.Read(body[..Math.Min(body.Length, options.MaxCpimHeaderBytes)], out var head) != CpimResult.Read)
            return MsrpStatus.BadRequest;

        // Who speaks for many vouches for each of them.
        if (!leg.Leg.Identities.IsEmpty && !leg.IsIdentity(_from.Get(head.From.Uri)))
            return MsrpStatus.Forbidden;

        return leg.TakenTypes.AcceptsInCpim(MediaTypes.Essence(head.ContentType)) ? 0 : MsrpStatus.UnsupportedMediaType;
    }

    private HeldMessage Create(MsrpHead head)
    {
        var message = new HeldMessage(head, leg.Leg.MaxIncomingBytes, _arrived.Budget);
        var type = MediaTypes.Essence(head.ContentType);
        var status = !leg.Leg.Sends ? MsrpStatus.Forbidden
            : message.Total > leg.Leg.MaxIncomingBytes ? MsrpStatus.StopSending
            : !MediaTypes.IsUsable(head.ContentType) || !leg.TakenTypes.Accepts(type) ? MsrpStatus.UnsupportedMediaType
            : 0;
        if (status != 0)
            Reject(message, status);

        return message;
    }

    // What came twice counts as it came last, RFC 4975 7.3.1; who gets a gap could take the rest for the whole.
    private void Place(HeldMessage message, MsrpHead head)
    {
        if (head is { Range: { } range, HasBody: true })
        {
            if (range.Start > message.Length + 1)
            {
                Reject(message, MsrpStatus.BadRequest);
                return;
            }

            message.Position = range.Start - 1;
        }

        message.Total ??= head.Range?.Total;
    }

    private void StartAgain(HeldMessage message)
    {
        _open.Remove(message);
        message.Drop();
        _current = null;
    }

    private void Keep(HeldMessage message)
    {
        if (_open.Count == options.MaxOpenMessages)
            GiveUpFirst();

        _open.Add(message);
    }

    // Interrupted messages of one leg take no more than one of the largest; who goes on has the right of way.
    private void MakeRoom(HeldMessage message, long bytes)
    {
        var held = bytes;
        foreach (var each in _open)
            held += each == message ? 0 : each.Held;

        while (held > leg.Leg.MaxIncomingBytes && _open.Count > 0)
        {
            if (_open[0] == message)
            {
                _open.RemoveAt(0);
                continue;
            }

            held -= _open[0].Held;
            GiveUpFirst();
        }
    }

    private void GiveUpFirst()
    {
        MsrpMetrics.GivenUp.Add(1);
        _open[0].Drop();
        _open.RemoveAt(0);
    }

    private void Reject(HeldMessage message, int status, string? refusal = null)
    {
        message.Reject(status, refusal);
        MsrpMetrics.Rejected.Add(1);
        Answer(status, refusal);
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
