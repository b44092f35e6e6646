using System.Collections.Concurrent;
using System.Net;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.EndToEnd.Tests.Crowd;

/// <summary>
/// One port, UDP and TCP, for many users: their requests with copies over UDP, and the 2xx they repeat until the ACK.
/// No state is kept for each user beyond that.
/// </summary>
internal sealed class CrowdWire : IAsyncDisposable
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _transaction = TimeSpan.FromSeconds(32);

    private readonly ConcurrentDictionary<string, Waiting> _requests = [];
    private readonly ConcurrentDictionary<string, Repeated> _accepted = [];
    private readonly SipSocket _socket;
    private readonly Timer _timer;

    /// <summary>Deaf: takes no TCP connection, as a phone that knows UDP alone.</summary>
    public CrowdWire(SipProtocol transport, Action<SipMessage, SipFlow> received, bool deaf = false)
    {
        Transport = transport;
        _socket = SipSocket.Open(
            new(IPAddress.Loopback, 0), (message, flow) => Take(message, flow, received), (_, _) => Broken++, deaf);
        _timer = new(_ => Repeat(), null, _tick, _tick);
    }

    public SipProtocol Transport { get; }

    public IPEndPoint Local => _socket.Local;

    /// <summary>Messages that were no SIP.</summary>
    public int Broken { get; private set; }

    public string Parameters => Transport == SipProtocol.Tcp ? ";transport=tcp" : "";

    /// <summary>The final answer; 408 of our own making when none came.</summary>
    public Task<SipMessage> RequestAsync(SipMessage request, SipFlow hop)
    {
        var branch = Token.NewBranch();
        request.AddFirst("Via", Via(hop, branch));
        var waiting = new Waiting(request, SipCodec.Write(request), hop);
        _requests[branch] = waiting;
        SendBytes(waiting.Bytes, hop);
        return waiting.Answer.Task;
    }

    /// <summary>An ACK: nobody answers it.</summary>
    public void SendAck(SipMessage ack, SipFlow hop) =>
        SendBytes(SipCodec.Write(ack.AddFirst("Via", Via(hop, Token.NewBranch()))), hop);

    public void Answer(SipMessage response, SipFlow flow) => SendBytes(SipCodec.Write(response), flow);

    /// <summary>A 2xx to INVITE, repeated until <see cref="Acknowledged"/>.</summary>
    public void Accept(SipMessage response, SipFlow flow)
    {
        var bytes = SipCodec.Write(response);
        _accepted[response.CallId] = new(bytes, flow);
        SendBytes(bytes, flow);
    }

    public bool Acknowledged(string callId) => _accepted.TryRemove(callId, out _);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _socket.DisposeAsync();
    }

    private string Via(SipFlow hop, string branch) =>
        $"SIP/2.0/{(hop.Protocol == SipProtocol.Tcp ? "TCP" : "UDP")} {Local};rport;branch={branch}";

    private void Take(SipMessage message, SipFlow flow, Action<SipMessage, SipFlow> received)
    {
        if (message.IsRequest)
        {
            received(message, flow);
        }
        else if (message.IsFinal && message.Branch is { } branch && _requests.TryRemove(branch, out var waiting))
        {
            if (waiting.Request.Method == "INVITE" && !message.IsSuccess)
                SendBytes(SipCodec.Write(AckOf(waiting.Request, message)), waiting.Hop);
            waiting.Answer.TrySetResult(message);
        }
    }

    // RFC 3261 17.1.1.3
    private static SipMessage AckOf(SipMessage invite, SipMessage refusal)
    {
        var ack = SipMessage.Request("ACK", invite.RequestUri!).Add("Via", invite["Via"]!);
        foreach (var name in (string[])["Route", "From", "Call-ID", "Max-Forwards"])
            ack.CopyFrom(invite, name);
        return ack.CopyFrom(refusal, "To").Add("CSeq", $"{invite.CSeq} ACK");
    }

    private void Repeat()
    {
        var now = DateTimeOffset.UtcNow;
        foreach (var (branch, waiting) in _requests)
        {
            if (now - waiting.Since > _transaction && _requests.TryRemove(branch, out _))
                waiting.Answer.TrySetResult(SipMessage.Local(waiting.Request, 408, "Request Timeout"));
            else if (!waiting.Hop.IsReliable && waiting.Pace.IsDue(now))
                SendBytes(waiting.Bytes, waiting.Hop);
        }

        foreach (var (callId, accepted) in _accepted)
        {
            if (now - accepted.Since > _transaction)
                _accepted.TryRemove(callId, out _);
            else if (accepted.Pace.IsDue(now))
                SendBytes(accepted.Bytes, accepted.Flow);
        }
    }

    private async void SendBytes(byte[] bytes, SipFlow flow)
    {
        try
        {
            await _socket.SendAsync(bytes, flow, CancellationToken.None);
        }
        catch (Exception error) when (error is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // Lost: a copy follows, or who waits gives up.
        }
    }

    /// <summary>Copies at 0.5, 1, 2, 4, 4 ... seconds.</summary>
    private sealed class Pace
    {
        private TimeSpan _interval = TimeSpan.FromMilliseconds(500);
        private DateTimeOffset _next = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(500);

        public bool IsDue(DateTimeOffset now)
        {
            if (now < _next)
                return false;

            _interval = _interval * 2 > _longest ? _longest : _interval * 2;
            _next = now + _interval;
            return true;
        }
    }

    private sealed record Waiting(SipMessage Request, byte[] Bytes, SipFlow Hop)
    {
        public TaskCompletionSource<SipMessage> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public DateTimeOffset Since { get; } = DateTimeOffset.UtcNow;

        public Pace Pace { get; } = new();
    }

    private sealed record Repeated(byte[] Bytes, SipFlow Flow)
    {
        public DateTimeOffset Since { get; } = DateTimeOffset.UtcNow;

        public Pace Pace { get; } = new();
    }
}
