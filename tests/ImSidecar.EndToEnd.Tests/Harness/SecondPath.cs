using System.Net;
using System.Net.Sockets;
using ImSidecar.Client.Sip;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>Another way to Kamailio for a request that a handset has sent: its branch and its answers are its own.</summary>
internal sealed class SecondPath(int port = 5060) : IDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary>Sends the request once; the final answer, acknowledged if it is a refusal.</summary>
    public async Task<SipMessage> RepeatAsync(SipMessage request)
    {
        var again = request.Clone().Set(
            "Via", $"SIP/2.0/UDP {_socket.Client.LocalEndPoint};rport;branch={Token.NewBranch()}");
        await SendAsync(again);
        while (true)
        {
            var received = await _socket.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(20));
            if (!SipCodec.TryReadDatagram(received.Buffer, out var answer, out _) || !answer!.IsFinal)
                continue;

            if (request.Method == "INVITE" && !answer.IsSuccess)
                await SendAsync(Acknowledgement(again, answer));
            return answer;
        }
    }

    private static SipMessage Acknowledgement(SipMessage invite, SipMessage answer) =>
        SipMessage.Request("ACK", invite.RequestUri!)
            .CopyFrom(invite, "Via")
            .Add("Max-Forwards", "70")
            .CopyFrom(invite, "From")
            .CopyFrom(answer, "To")
            .CopyFrom(invite, "Call-ID")
            .Add("CSeq", $"{invite.CSeq} ACK");

    private async Task SendAsync(SipMessage message) =>
        await _socket.SendAsync(SipCodec.Write(message), new IPEndPoint(IPAddress.Loopback, port));

    public void Dispose() => _socket.Dispose();
}
