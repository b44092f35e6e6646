using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>A UDP peer without any SIP logic: says what the test tells it to, byte for byte.</summary>
internal sealed class ScriptedPeer : IDisposable
{
    private readonly HashSet<string> _seen = [];
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));

    public IPEndPoint Local => (IPEndPoint)_socket.Client.LocalEndPoint!;

    public SipFlow Hop => new(SipProtocol.Udp, Local);

    public string Contact => $"<sip:peer@{Local}>";

    public async Task<SipMessage> ReceiveAsync()
    {
        var datagram = await Within(_socket.ReceiveAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.True(SipCodec.TryReadDatagram(datagram.Buffer, out var message, out var error), error);
        return message!;
    }

    /// <summary>The next request of that method that is no copy of one seen by this call before.</summary>
    public async Task<SipMessage> NextAsync(string method)
    {
        while (true)
        {
            var message = await ReceiveAsync(method);
            if (_seen.Add($"{message.Branch} {message.Method}"))
                return message;
        }
    }

    /// <summary>The next message of that method or, for a response, status; what comes before it is left out.</summary>
    public async Task<SipMessage> ReceiveAsync(string methodOrStatus)
    {
        while (true)
        {
            var message = await ReceiveAsync();
            if (message.Method == methodOrStatus || message.Status.ToString() == methodOrStatus)
                return message;
        }
    }

    /// <summary>A response with what each copies from its request; To gets a tag unless the status is 100.</summary>
    public static SipMessage Respond(SipMessage request, int status, string tag = "scripted")
    {
        var response = SipMessage.Response(status);
        foreach (var name in (string[])["Via", "From", "To", "Call-ID", "CSeq"])
            response.CopyFrom(request, name);
        return status > 100 && request.ToTag is null ? response.Set("To", $"{request["To"]};tag={tag}") : response;
    }

    public static SipMessage Request(string method, Handset to, string callId, uint cseq, string tags = "") =>
        SipMessage.Request(method, to.ContactUri)
            .Add("Via", $"SIP/2.0/UDP 127.0.0.1:1;rport;branch={Token.NewBranch()}")
            .Add("Max-Forwards", "70")
            .Add("From", "<sip:peer@example.com>;tag=scripted")
            .Add("To", $"<{to.AddressOfRecord}>{tags}")
            .Add("Call-ID", callId)
            .Add("CSeq", $"{cseq} {method}");

    public Task SendAsync(SipMessage message, Handset to) => SendAsync(SipCodec.Write(message), to);

    public async Task SendAsync(byte[] bytes, Handset to) => await _socket.SendAsync(bytes, HopTo(to).Remote);

    public Task SendAsync(string text, Handset to) => SendAsync(Encoding.UTF8.GetBytes(text), to);

    public void Dispose() => _socket.Dispose();
}
