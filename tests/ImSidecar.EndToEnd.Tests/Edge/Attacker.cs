using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>A UDP socket on the handset side that sends what the test says, and knows a password.</summary>
internal sealed class Attacker : IDisposable
{
    private static readonly IPEndPoint _edge = new(IPAddress.Loopback, 5060);

    private readonly UdpClient _socket;
    private readonly string _user;

    public Attacker(string user = "dave", IPAddress? address = null, int port = 0)
    {
        _user = user;
        _socket = new(new IPEndPoint(address ?? IPAddress.Loopback, port));
    }

    public IPEndPoint Local => (IPEndPoint)_socket.Client.LocalEndPoint!;

    public SipFlow Hop => new(SipProtocol.Udp, Local);

    public string Contact => $"<sip:{_user}@{Local}>";

    /// <summary>A request without Via and Contact; with that To tag it claims to be within a dialog.</summary>
    public SipMessage Request(string method, string uri, string? toTag = null, string? to = null) =>
        SipMessage.Request(method, uri)
            .Add("Max-Forwards", "70")
            .Add("From", $"<sip:{_user}@example.com>;tag={Token.New(10)}")
            .Add("To", $"<{to ?? uri}>{(toTag is null ? "" : ";tag=" + toTag)}")
            .Add("Call-ID", Token.New(20))
            .Add("CSeq", $"1 {method}");

    public string Via(string branch = "") =>
        $"SIP/2.0/UDP {Local};rport;branch={(branch.Length > 0 ? branch : Token.NewBranch())}";

    /// <summary>Sends it with a Via of ours unless it has one; its final answer, a challenge excepted.</summary>
    public async Task<SipMessage> AskAsync(SipMessage request)
    {
        var answer = await AskOnceAsync(request);
        if (answer.Status is not (401 or 407))
            return answer;

        return await AskOnceAsync(Authorize(request, answer));
    }

    public SipMessage Authorize(SipMessage request, SipMessage challenge) =>
        new DigestCredentials(_user, "demo").Authorize(request, challenge)!
            .Set("CSeq", $"{request.CSeq + 1} {request.Method}");

    public async Task<SipMessage> AskOnceAsync(SipMessage request)
    {
        await SendAsync(request);
        return await AnswerAsync(request);
    }

    public async Task<SipMessage> AnswerAsync(SipMessage request)
    {
        while (true)
        {
            var message = await ReceiveAsync();
            if (message.IsFinal && message.CallId == request.CallId && message.CSeq == request.CSeq)
                return message;
        }
    }

    public async Task<SipMessage> ReceiveAsync()
    {
        while (true)
        {
            var datagram = await Within(_socket.ReceiveAsync(TestContext.Current.CancellationToken).AsTask());
            if (SipCodec.TryReadDatagram(datagram.Buffer, out var message, out _))
                return message!;
        }
    }

    public Task SendAsync(SipMessage message) =>
        SendAsync(SipCodec.Write(
            message["Via"] is null && message.IsRequest ? message.Clone().AddFirst("Via", Via()) : message));

    public Task SendAsync(string message) => SendAsync(Encoding.UTF8.GetBytes(message));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, IPEndPoint? to = null) =>
        await _socket.SendAsync(bytes, to ?? _edge, TestContext.Current.CancellationToken);

    /// <summary>Fails if anything has come here that nobody waited for, now or while Kamailio is asked once more.</summary>
    public async Task AssertHeardNothingAsync()
    {
        using var other = new Attacker();
        for (var i = 0; i < 4; i++)
            Assert.Equal(200, (await other.AskAsync(other.Request("OPTIONS", DemoProfile.Factory))).Status);

        Assert.True(_socket.Available == 0, _socket.Available == 0 ? "" : (await ReceiveAsync()).ToString());
    }

    /// <summary>Fails if a request has come here by then; answers are no news.</summary>
    public async Task AssertHeardAnswersOnlyAsync()
    {
        using var other = new Attacker();
        for (var i = 0; i < 4; i++)
            Assert.Equal(200, (await other.AskAsync(other.Request("OPTIONS", DemoProfile.Factory))).Status);

        while (_socket.Available > 0)
            Assert.False((await ReceiveAsync()).IsRequest);
    }

    public void Dispose() => _socket.Dispose();
}
