using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>What a peer does wrong is kept for the test to see; it never breaks the handset.</summary>
public class InspectorTests
{
    [Theory]
    [InlineData("not SIP at all\r\n\r\n", "RFC 3261 7")]
    [InlineData("OPTIONS sip:alice@example.com SIP/2.0\r\nno colon\r\n\r\n", "RFC 3261 7")]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKa\r\n\r\n", "RFC 3261 8.1.1")]
    [InlineData("\0\u0001\u0002", "RFC 3261 7")]
    public async Task Rubbish_is_reported_and_dropped(string datagram, string rule)
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        await peer.SendAsync(datagram, alice);
        await Until(() => alice.Violations.Count > 0);
        await peer.SendAsync(ScriptedPeer.Request("OPTIONS", alice, "after@peer", 1), alice);

        Assert.Equal(200, (await peer.ReceiveAsync()).Status);
        Assert.Equal(rule, Assert.Single(alice.Violations).Rule);
    }

    [Theory]
    [InlineData("Max-Forwards", "RFC 3261 8.1.1.6")]
    [InlineData("Contact", "RFC 3261 8.1.1.8")]
    public async Task A_missing_header_of_an_INVITE_is_reported(string header, string rule)
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var invite = ScriptedPeer.Request("INVITE", alice, "missing@peer", 1).Add("Contact", peer.Contact);
        await peer.SendAsync(invite.Remove(header), alice);
        await Next(alice.IncomingCalls);

        Assert.Equal(rule, Assert.Single(alice.Violations).Rule);
    }

    [Fact]
    public async Task A_branch_used_twice_is_reported()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var first = ScriptedPeer.Request("OPTIONS", alice, "first@peer", 1);
        var second = ScriptedPeer.Request("OPTIONS", alice, "second@peer", 1).Set("Via", first["Via"]!);
        await peer.SendAsync(first, alice);
        await peer.SendAsync(second, alice);
        await Until(() => alice.Violations.Count > 0);

        Assert.All(alice.Violations, violation => Assert.Equal("RFC 3261 8.1.1.7", violation.Rule));
    }

    [Fact]
    public async Task A_200_without_Contact_and_with_a_refresher_not_required_is_reported()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var calling = alice.Invite("sip:peer@example.com", new() { Offer = SdpOffer.None }, peer.Hop);
        var answer = ScriptedPeer.Respond(await peer.ReceiveAsync(), 200).Add("Session-Expires", "90;refresher=uac");
        await peer.SendAsync(answer, alice);
        await Assert.ThrowsAsync<CallRefusedException>(() => Within(calling.Answered));

        Assert.Equal(["RFC 3261 12.1.1", "RFC 4028 9"], alice.Violations.Select(violation => violation.Rule).Order());
    }

    [Fact]
    public async Task The_ACK_for_a_200_must_not_take_the_branch_of_the_INVITE()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var invite = ScriptedPeer.Request("INVITE", alice, "reused@peer", 1).Add("Contact", peer.Contact);
        await peer.SendAsync(invite, alice);
        var call = await (await Next(alice.IncomingCalls)).AcceptAsync(new() { RawBody = ("text/plain", default) });
        var answer = await peer.ReceiveAsync("200");
        var ack = ScriptedPeer.Request("ACK", alice, "reused@peer", 1, $";tag={answer.ToTag}");
        await peer.SendAsync(ack.Set("Via", invite["Via"]!), alice);
        await Within(call!.Acknowledged);

        Assert.Equal("RFC 3261 8.1.1.7", Assert.Single(alice.Violations).Rule);
    }

    [Fact]
    public void Compact_forms_folding_and_quoted_commas_are_read()
    {
        var datagram = "MESSAGE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
            + "f: \"A, B; <c>\" <sip:x@y;p=1>;tag=1\r\nt: <sip:a@b>\r\ni: 1\r\nCSeq: 9\r\n  MESSAGE\r\nl: 2\r\n\r\nhi";

        Assert.True(SipCodec.TryReadDatagram(System.Text.Encoding.UTF8.GetBytes(datagram), out var message, out _));

        Assert.Equal("1", message!.FromTag);
        Assert.Equal("A, B; <c>", message.Address("From")!.DisplayName);
        Assert.Equal((9u, "MESSAGE"), (message.CSeq, message.CSeqMethod));
        Assert.Equal("z9hG4bK1", message.Branch);
        Assert.Equal("hi", message.Text);
    }

    [Fact]
    public void Cut_and_flipped_messages_never_throw()
    {
        var whole = SipCodec.Write(SipMessage.Request("INVITE", "sip:a@b")
            .Add("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1").Add("From", "\"A\" <sip:x@y>;tag=1")
            .Add("To", "<sip:a@b>").Add("Call-ID", "1").Add("CSeq", "1 INVITE").Add("Contact", "<sip:x@y>;isfocus")
            .WithBody("application/sdp", "v=0\r\n"u8.ToArray()));
        var violations = new List<ProtocolViolation>();
        var inspector = new SipInspector(violations.Add);

        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var value in (byte[])[0, (byte)'\r', (byte)'"', (byte)'<', (byte)';', 0xFF])
            {
                byte[] flipped = [.. whole];
                flipped[at] = value;
                if (SipCodec.TryReadDatagram(flipped, out var message, out _))
                    inspector.IsAcceptable(message!);
            }

            SipCodec.TryReadDatagram(whole.AsSpan(0, at), out _, out _);
        }

        Assert.NotEmpty(violations);
    }
}
