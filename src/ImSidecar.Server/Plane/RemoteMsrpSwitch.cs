using System.Threading.Channels;
using Google.Protobuf;
using ImSidecar.Msrp;
using ImSidecar.Msrp.V1;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Plane;

/// <summary>
/// The MSRP switch in the process beside this one. It knows which legs there are to be and says so on each new stream;
/// what was under way when a stream ended nobody will know.
/// </summary>
internal sealed class RemoteMsrpSwitch(
    IOptions<MsrpOptions> options, TimeProvider time, ILogger<RemoteMsrpSwitch> logger) : IMsrpSwitch
{
    private const int MaxEvents = 64 * 1024;

    // A plane that takes longer than that does not hold up who sets up a session.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly Channel<MsrpLegEvent> _events = Channel.CreateBounded<MsrpLegEvent>(MaxEvents);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MsrpLeg> _legs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _sent = new(StringComparer.Ordinal);
    private PlaneStream? _stream;

    public ChannelReader<MsrpLegEvent> Events => _events.Reader;

    public bool IsAvailable => Volatile.Read(ref _stream) is not null;

    public async ValueTask OpenLegAsync(MsrpLeg leg)
    {
        Task opened;
        lock (_gate)
        {
            _legs[leg.SessionId] = leg;
            if (_stream is not { } stream)
                return;

            Add(stream, leg);
            opened = stream.OpenedAsync();
        }

        try
        {
            await opened.WaitAsync(_patience, time);
        }
        catch (TimeoutException)
        {
            Log.PlaneSlow(logger);
        }
    }

    public void CloseLeg(string sessionId)
    {
        lock (_gate)
        {
            _sent.Remove(sessionId);
            if (_legs.Remove(sessionId))
                _stream?.Add(new() { Close = new() { SessionId = sessionId } });
        }
    }

    public void AnswerNickname(string sessionId, string transaction, int status) => Add(new()
    {
        Nickname = new() { SessionId = sessionId, Transaction = transaction, Status = (uint)status },
    });

    public void AnswerMessage(string sessionId, long token, int status, string? comment = null)
    {
        var answer = new AnswerMsrpMessage { SessionId = sessionId, Token = token, Status = (uint)status };
        if (comment is not null)
            answer.Comment = comment;
        Add(new() { Message = answer });
    }

    public bool Send(string sessionId, MsrpMessage message)
    {
        lock (_gate)
        {
            if (_stream is not { } stream || !_legs.TryGetValue(sessionId, out var leg) || !leg.EndsHere)
                return false;

            if (!_sent.TryGetValue(sessionId, out var underway))
                _sent[sessionId] = underway = new(StringComparer.Ordinal);
            if (underway.Count >= options.Value.MaxOpenMessages || !underway.Add(message.MessageId))
                return false;

            stream.Add(new()
            {
                Send = new()
                {
                    SessionId = sessionId,
                    MessageId = message.MessageId,
                    ContentType = message.ContentType,
                    Body = UnsafeByteOperations.UnsafeWrap(message.Body),
                    SuccessReport = message.SuccessReport,
                },
            });
            return true;
        }
    }

    /// <summary>From here on commands go to this stream; first of all every leg there is to be.</summary>
    public void Attach(PlaneStream stream)
    {
        lock (_gate)
        {
            foreach (var leg in _legs.Values)
                Add(stream, leg);

            stream.Add(new() { Synchronized = new() });
            _stream = stream;
        }
    }

    public void Detach(PlaneStream stream)
    {
        List<MsrpLegEvent> unknown = [];
        lock (_gate)
        {
            stream.Close();
            if (_stream != stream)
                return;

            _stream = null;
            foreach (var (sessionId, messages) in _sent)
            {
                if (_legs.TryGetValue(sessionId, out var leg))
                    unknown.AddRange(messages.Select(id => new MsrpMessageSettled(sessionId, leg.BridgeId, id, 0)));
            }

            _sent.Clear();
        }

        unknown.ForEach(each => _events.Writer.TryWrite(each));
    }

    /// <summary>Waits while nobody takes what happened.</summary>
    public ValueTask OnEventAsync(MsrpLegEvent happened, CancellationToken cancellation)
    {
        if (happened is MsrpMessageSettled settled)
        {
            lock (_gate)
            {
                if (_sent.TryGetValue(settled.SessionId, out var underway) && underway.Remove(settled.MessageId)
                    && underway.Count == 0)
                    _sent.Remove(settled.SessionId);
            }
        }

        return _events.Writer.WriteAsync(happened, cancellation);
    }

    private void Add(MsrpCommand command)
    {
        lock (_gate)
            _stream?.Add(command);
    }

    private static void Add(PlaneStream stream, MsrpLeg leg) =>
        stream.Add(new() { Open = LegWire.Write(leg, stream.NextSequence()) });
}
