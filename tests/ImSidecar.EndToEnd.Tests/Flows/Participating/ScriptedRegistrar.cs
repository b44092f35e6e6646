using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Client;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>The registrar of one user: takes each SUBSCRIBE and MESSAGE, tells what the test has it tell.</summary>
internal sealed class ScriptedRegistrar : IDisposable
{
    private const string Contact = "<sip:127.0.0.1:5090>";
    private const string Tag = "registrar";

    private static readonly IPEndPoint _core = new(IPAddress.Loopback, 5070);

    private readonly UdpClient _socket = new(RegistrarProfile.Registrar);
    private readonly Channel<SipMessage> _subscriptions = Channel.CreateUnbounded<SipMessage>();
    private readonly Channel<SipMessage> _answers = Channel.CreateUnbounded<SipMessage>();
    private readonly HashSet<string> _seen = [];
    private readonly string _user;
    private int _cseq;

    public ScriptedRegistrar(string user)
    {
        _user = user;
        _ = ServeAsync();
    }

    /// <summary>Each SUBSCRIBE, answered.</summary>
    public ChannelReader<SipMessage> Subscriptions => _subscriptions.Reader;

    /// <summary>Tells it in the dialog of that SUBSCRIBE; the status of the answer.</summary>
    public async Task<int> NotifyAsync(SipMessage subscribe, string state, string? document = null)
    {
        var notify = SipMessage.Request("NOTIFY", subscribe.Contact!.Uri.Text)
            .Add("Via", $"SIP/2.0/UDP 127.0.0.1:5090;branch={Token.NewBranch()}")
            .Add("Max-Forwards", "70")
            .Add("From", $"{subscribe["To"]!.Split(";tag")[0]};tag={Tag}")
            .Add("To", subscribe["From"]!)
            .Add("Call-ID", subscribe.CallId)
            .Add("CSeq", $"{++_cseq} NOTIFY")
            .Add("Contact", Contact)
            .Add("Event", "reg")
            .Add("Subscription-State", state);
        foreach (var route in subscribe.List("Record-Route"))
            notify.Add("Route", route);
        if (document is not null)
            notify.WithBody("application/reginfo+xml", Encoding.UTF8.GetBytes(document));
        await SendAsync(notify);
        return (await Next(_answers.Reader)).Status;
    }

    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await TakeAsync((await _socket.ReceiveAsync()).Buffer);
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task TakeAsync(byte[] datagram)
    {
        if (!SipCodec.TryReadDatagram(datagram, out var message, out _))
            return;

        if (!message!.IsRequest)
        {
            if (message.IsFinal)
                await _answers.Writer.WriteAsync(message);
            return;
        }

        // Flows before this one may have left subscriptions of others.
        if (message.Address("To")?.Uri.Text != _user)
        {
            await SendAsync(ScriptedPeer.Respond(message, 481, Tag));
            return;
        }

        var answer = ScriptedPeer.Respond(message, 200, Tag);
        if (message.Method == "SUBSCRIBE")
            answer.CopyFrom(message, "Record-Route").Add("Contact", Contact).Add("Expires", "3600");
        await SendAsync(answer);
        if (message.Method == "SUBSCRIBE" && _seen.Add($"{message.CallId} {message.CSeq}"))
            await _subscriptions.Writer.WriteAsync(message);
    }

    private async Task SendAsync(SipMessage message) => await _socket.SendAsync(SipCodec.Write(message), _core);
}
