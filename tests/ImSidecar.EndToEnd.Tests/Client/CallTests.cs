using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;
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

    [Fact]
    public async Task A_cancel_in_the_middle_of_a_challenge_reaches_the_second_INVITE()
    {
        using var proxy = new ScriptedPeer();
        await using var alice = Handset("alice", proxy: proxy.Local);

        var calling = alice.Invite("sip:bob@example.com");
        var cancelling = calling.CancelAsync();
        var first = await proxy.NextAsync("INVITE");
        await proxy.SendAsync(ScriptedPeer.Respond(first, 407)
            .Add("Proxy-Authenticate", "Digest realm=\"example.com\", nonce=\"n\", qop=\"auth\""), alice);
        var second = await proxy.NextAsync("INVITE");
        await proxy.SendAsync(ScriptedPeer.Respond(second, 180), alice);
        var cancel = await proxy.NextAsync("CANCEL");
        await proxy.SendAsync(ScriptedPeer.Respond(cancel, 200), alice);
        await proxy.SendAsync(ScriptedPeer.Respond(second, 487), alice);

        Assert.Equal(200, (await Within(cancelling))!.Status);
        Assert.Equal(487, (await Within(calling.Final)).Status);
        Assert.Equal((second.Branch, second.CSeq), (cancel.Branch, cancel.CSeq));
    }

    [Fact]
    public async Task An_ACK_may_come_late_and_the_answer_is_repeated_meanwhile()
    {
        // Those for the first two copies come later than that for the third.
        var acks = 0;
        await using var alice = Handset("alice", delay: record =>
            record is { IsOutgoing: true, Message.Method: "ACK" } && Interlocked.Increment(ref acks) <= 2
                ? TimeSpan.FromSeconds(30) : default);
        await using var bob = Handset("bob");

        alice.Invite(bob.AddressOfRecord, hop: HopTo(bob));
        var call = await (await Next(bob.IncomingCalls)).AcceptAsync();
        await Within(call!.Acknowledged);

        Assert.True(bob.Trace.Count(record => record is { IsOutgoing: true, Message.Status: 200 }) >= 3);
        Assert.Empty(bob.Violations);
    }

    [Fact]
    public async Task An_INVITE_that_requires_what_we_do_not_know_gets_420()
    {
        await using var alice = Handset("alice");
        await using var bob = Handset("bob");

        var calling = alice.Invite(bob.AddressOfRecord, new() { Headers = [("Require", "100rel")] }, HopTo(bob));
        var final = await Within(calling.Final);

        Assert.Equal((420, "100rel"), (final.Status, final["Unsupported"]));
    }

    [Fact]
    public async Task Headers_of_ones_own_choice_take_the_place_of_ours_and_may_repeat()
    {
        await using var alice = Handset("alice");
        await using var bob = Handset("bob");
        (string, string?)[] forged =
        [
            ("P-Asserted-Identity", "<sip:carol@example.com>"), ("X-Bomb", "1"), ("X-Bomb", "2"), ("Supported", null),
        ];

        alice.Invite(bob.AddressOfRecord, new() { Headers = forged }, HopTo(bob));
        var invite = (await Next(bob.IncomingCalls)).Invite;

        Assert.Equal("<sip:carol@example.com>", invite["P-Asserted-Identity"]);
        Assert.Equal(2, invite.Count("X-Bomb"));
        Assert.Null(invite["Supported"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("deflate")]
    [InlineData("gzip")]
    public async Task A_group_INVITE_holds_the_SDP_and_the_list_in_the_coding_asked_for(string? coding)
    {
        await using var alice = Handset("alice");
        await using var focus = Handset("focus");
        string[] recipients = ["sip:bob@example.com", "sip:carol@example.com"];

        alice.StartGroup("sip:f@im.example.com", recipients, new()
        {
            ListEncoding = coding,
            Headers = [("Require", null)],
        }, HopTo(focus));
        var invite = (await Next(focus.IncomingCalls)).Invite;

        Assert.True(MediaType.TryParse(invite["Content-Type"], out var type));
        Assert.True(MultipartReader.TryRead(type, invite.Body, out var parts));
        Assert.Equal(["application/sdp", ResourceListXml.MediaType], parts.Select(part => part.ContentType!.Essence));
        Assert.Equal("recipient-list", parts[1].Disposition);
        Assert.Equal(DecodeOutcome.Decoded,
            ContentCoding.Decode(parts[1].ContentEncoding, parts[1].Body, 10_000, out var document));
        Assert.True(ResourceListXml.TryParse(document, out var list, out _));
        Assert.Equal(recipients, list.Entries.Select(entry => entry.Uri));
    }
}
