using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip.Transport;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>RFC 3261 17 and RFC 6026: retransmission, absorption, time-outs; over UDP with losses.</summary>
public class TransactionTests
{
    [Fact]
    public async Task An_INVITE_is_repeated_until_a_provisional_answer_and_then_no_more()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var calling = alice.Invite("sip:peer@example.com", hop: peer.Hop);
        var first = await peer.ReceiveAsync();
        var second = await peer.ReceiveAsync();
        var third = await peer.ReceiveAsync();
        await peer.SendAsync(ScriptedPeer.Respond(third, 100), alice);
        await Until(() => alice.Trace.Any(record => record.Message.Status == 100));
        var sent = alice.Trace.Count(record => record.Message.Method == "INVITE");
        await peer.SendAsync(ScriptedPeer.Respond(third, 486), alice);
        await Within(calling.Final);

        Assert.Equal(first.Branch, second.Branch);
        Assert.Equal(first.CSeq, third.CSeq);
        Assert.Equal(sent, alice.Trace.Count(record => record.Message.Method == "INVITE"));
        Assert.Equal(first.Branch, (await peer.ReceiveAsync("ACK")).Branch);
    }

    [Fact]
    public async Task A_request_nobody_answers_ends_with_408_of_our_own()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var response = await Within(alice.OptionsAsync("sip:peer@example.com", peer.Hop));

        Assert.Equal((408, true), (response.Status, response.IsLocal));
        Assert.InRange(alice.Trace.Count, 9, 12);
    }

    [Fact]
    public async Task A_repeated_refusal_is_acknowledged_again()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var calling = alice.Invite("sip:peer@example.com", hop: peer.Hop);
        var refusal = ScriptedPeer.Respond(await peer.ReceiveAsync(), 480);
        await peer.SendAsync(refusal, alice);
        await peer.ReceiveAsync("ACK");
        await peer.SendAsync(refusal, alice);
        await peer.ReceiveAsync("ACK");

        Assert.Equal(480, (await Within(calling.Final)).Status);
    }

    [Fact]
    public async Task Four_lost_copies_of_a_200_delay_the_call_and_no_more()
    {
        var lost = 0;
        await using var alice = Handset("alice", isLost: record =>
            record is { IsOutgoing: false, Message: { Status: 200, CSeqMethod: "INVITE" } } && ++lost <= 4);
        await using var bob = Handset("bob");

        var calling = alice.Invite(bob.AddressOfRecord, hop: HopTo(bob));
        var call = await (await Next(bob.IncomingCalls)).AcceptAsync();
        await Within(calling.Answered);
        await Within(call!.Acknowledged);

        Assert.True(lost >= 5, "one more may come before its ACK");
        Assert.Empty(bob.Violations);
    }

    [Fact]
    public async Task A_lost_ACK_is_sent_again_for_the_repeated_200()
    {
        var lost = 0;
        await using var alice = Handset("alice", isLost: record =>
            record is { IsOutgoing: true, Message.Method: "ACK" } && ++lost <= 2);
        await using var bob = Handset("bob");

        alice.Invite(bob.AddressOfRecord, hop: HopTo(bob));
        var call = await (await Next(bob.IncomingCalls)).AcceptAsync();
        await Within(call!.Acknowledged);

        Assert.True(lost >= 3, "one more may come before its ACK");
        Assert.Empty(alice.Violations);
    }

    [Fact]
    public async Task Without_any_ACK_the_called_side_sends_BYE()
    {
        await using var alice = Handset("alice", isLost: record => record.Message.Method == "ACK");
        await using var bob = Handset("bob");

        var calling = alice.Invite(bob.AddressOfRecord, hop: HopTo(bob));
        var called = await (await Next(bob.IncomingCalls)).AcceptAsync();
        var call = await Within(calling.Answered);

        Assert.Equal(CallEndedBy.NoAck, (await Within(called!.Ended)).By);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        Assert.Equal("RFC 3261 13.3.1.4", Assert.Single(bob.Violations).Rule);
    }

    [Fact]
    public async Task A_repeated_request_gets_the_same_answer_and_is_not_seen_twice()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var message = ScriptedPeer.Request("MESSAGE", alice, "repeated@peer", 1)
            .WithBody("text/plain", "once"u8.ToArray());
        await peer.SendAsync(message, alice);
        var first = await peer.ReceiveAsync();
        await peer.SendAsync(message, alice);
        var second = await peer.ReceiveAsync();

        Assert.Equal(first.ToTag, second.ToTag);
        await Next(alice.Messages);
        Assert.Empty(Read(alice.Messages));
    }

    [Fact]
    public async Task A_late_fork_is_acknowledged_and_ended()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var calling = alice.Invite("sip:peer@example.com", new() { Offer = SdpOffer.None }, peer.Hop);
        var invite = await peer.ReceiveAsync();
        await peer.SendAsync(ScriptedPeer.Respond(invite, 200, "one").Add("Contact", peer.Contact), alice);
        await Within(calling.Answered);
        await peer.SendAsync(ScriptedPeer.Respond(invite, 200, "two").Add("Contact", peer.Contact), alice);
        var fork = await Next(calling.Forks);
        var bye = await peer.ReceiveAsync("BYE");

        Assert.Equal("two", fork.ToTag);
        Assert.Equal("two", bye.ToTag);
        Assert.False((await calling.Answered).Ended.IsCompleted);
    }

    [Fact]
    public async Task A_large_message_goes_over_TCP_in_one_piece()
    {
        await using var alice = Handset("alice", SipProtocol.Tcp);
        await using var bob = Handset("bob");

        var request = alice.CreateRequest("MESSAGE", bob.AddressOfRecord)
            .WithBody("text/plain", new byte[300_000]);
        var response = await Within(alice.SendAsync(request, HopTo(bob, SipProtocol.Tcp)));

        Assert.Equal(200, response.Status);
        Assert.Equal(300_000, (await Next(bob.Messages)).Body.Length);
    }

    [Fact]
    public async Task A_200_after_we_gave_up_is_acknowledged_and_ended()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var calling = alice.Invite("sip:peer@example.com", new() { Offer = SdpOffer.None }, peer.Hop);
        var invite = await peer.NextAsync("INVITE");
        Assert.True((await Within(calling.Final)).IsLocal);
        await peer.SendAsync(ScriptedPeer.Respond(invite, 200).Add("Contact", peer.Contact), alice);

        Assert.Equal(invite.CSeq, (await peer.ReceiveAsync("ACK")).CSeq);
        Assert.Equal(invite.CSeq + 1, (await peer.ReceiveAsync("BYE")).CSeq);
        Assert.Empty(alice.Violations);
    }
}
