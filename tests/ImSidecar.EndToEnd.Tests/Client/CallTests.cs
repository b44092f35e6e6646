using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip.Transport;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>RFC 3261 12, 13 and 15: two handsets that call each other directly.</summary>
public class CallTests
{
    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task A_call_is_answered_acknowledged_and_ended(SipProtocol transport)
    {
        await using var alice = Handset("alice", transport);
        await using var bob = Handset("bob", transport);

        var calling = alice.Invite(bob.AddressOfRecord, hop: HopTo(bob, transport));
        var ringing = await Next(bob.IncomingCalls);
        await ringing.RingAsync();
        var answered = await Within(ringing.AcceptAsync());
        var call = await Within(calling.Answered);
        await Within(answered!.Acknowledged);
        var bye = await Within(call.ByeAsync());
        var end = await Within(answered.Ended);

        Assert.Equal(200, bye.Status);
        Assert.Equal(CallEndedBy.Peer, end.By);
        Assert.Contains(Read(calling.Provisionals), response => response.Status == 180);
        Assert.Empty(alice.Violations);
        Assert.Empty(bob.Violations);
    }

    [Fact]
    public async Task The_called_side_may_end_the_call()
    {
        await using var alice = Handset("alice");
        await using var bob = Handset("bob", SipProtocol.Tcp);

        var calling = alice.Invite(bob.AddressOfRecord, hop: HopTo(bob));
        var answered = await (await Next(bob.IncomingCalls)).AcceptAsync();
        var call = await Within(calling.Answered);
        await Within(answered!.Acknowledged);
        var bye = await Within(answered.ByeAsync());

        Assert.Equal(200, bye.Status);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        Assert.Empty(alice.Violations);
        Assert.Empty(bob.Violations);
    }

    [Fact]
    public async Task A_refusal_is_acknowledged_and_tells_its_reason()
    {
        await using var alice = Handset("alice");
        await using var bob = Handset("bob");

        var calling = alice.Invite(bob.AddressOfRecord, hop: HopTo(bob));
        await (await Next(bob.IncomingCalls)).RejectAsync(603);
        var refused = await Assert.ThrowsAsync<CallRefusedException>(() => Within(calling.Answered));

        Assert.Equal(603, refused.Response.Status);
        await Until(() => bob.Trace.Any(record => record.Message.Method == "ACK"));
        Assert.Single(bob.Trace, record => record.Message.Status == 603);
    }

    [Fact]
    public async Task A_cancelled_call_ends_with_487_and_the_called_side_knows()
    {
        await using var alice = Handset("alice");
        await using var bob = Handset("bob");

        var calling = alice.Invite(bob.AddressOfRecord, hop: HopTo(bob));
        var ringing = await Next(bob.IncomingCalls);
        await ringing.RingAsync();
        var cancelled = await Within(calling.CancelAsync());

        Assert.Equal(200, cancelled!.Status);
        Assert.Equal(487, (await Within(calling.Final)).Status);
        await Within(ringing.Cancelled);
        Assert.Null(await ringing.AcceptAsync());
        Assert.Empty(alice.Violations);
        Assert.Empty(bob.Violations);
    }

    [Fact]
    public async Task A_lower_CSeq_is_refused_and_reported()
    {
        await using var alice = Handset("alice");
        await using var bob = Handset("bob");

        var calling = alice.Invite(bob.AddressOfRecord, hop: HopTo(bob));
        await (await Next(bob.IncomingCalls)).AcceptAsync();
        var call = await Within(calling.Answered);
        var response = await Within(call.SendAsync("OPTIONS", cseq: 1));

        Assert.Equal(500, response.Status);
        Assert.Equal("RFC 3261 12.2.2", Assert.Single(bob.Violations).Rule);
    }

    [Fact]
    public async Task A_request_in_an_unknown_dialog_gets_481()
    {
        await using var alice = Handset("alice");
        await using var bob = Handset("bob");

        var request = alice.CreateRequest("OPTIONS", bob.AddressOfRecord);
        request.Set("To", $"<{bob.AddressOfRecord}>;tag=unheardof");
        var response = await Within(alice.SendAsync(request, HopTo(bob)));

        Assert.Equal(481, response.Status);
    }
}
