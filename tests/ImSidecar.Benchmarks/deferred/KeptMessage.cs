using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Benchmarks.Deferred;

/// <summary>A message as the load generator sends it, as it is kept; its options --kept and --away find them.</summary>
internal static class KeptMessage
{
    private const int TextSize = 200;

    private static readonly SipUri _alice = SipUri.Of("sip", "alice", "elsewhere.example");

    public static DeferredMessage Of(int user, int number, DateTimeOffset now)
    {
        var recipient = SipUri.Of("sip", $"k{user}.0", "away.example.com");
        return new()
        {
            User = ServedAddress.KeyOf(recipient),
            Key = $"k{user}.{number}",
            Recipient = recipient,
            Sender = _alice,
            ReceivedAt = now,
            ExpiresAt = now.AddDays(30),
            Content = new(Encoding.UTF8.GetBytes(Sip(recipient, user, number, now)), default),
        };
    }

    private static string Sip(SipUri recipient, int user, int number, DateTimeOffset now) =>
        $"MESSAGE {recipient} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5090;branch=z9hG4bK{user}.{number}\r\n"
        + $"Max-Forwards: 69\r\nFrom: <{_alice}>;tag=k{number}\r\nTo: <{recipient}>\r\n"
        + $"Call-ID: k{user}.{number}.0@load\r\nP-Asserted-Identity: <{_alice}>\r\nDate: {now:R}\r\n"
        + $"CSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: {TextSize}\r\n\r\n"
        + $"kept {user} {number} ".PadRight(TextSize, 'o');
}
