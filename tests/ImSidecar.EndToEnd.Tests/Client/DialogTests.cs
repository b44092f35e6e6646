using ImSidecar.Client.Calls;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>RFC 3261 12: within a dialog only its route set and the peer's Contact count.</summary>
public class DialogTests
{
    private static readonly InviteOptions _plain = new() { Offer = SdpOffer.None };

    [Fact]
    public async Task Requests_of_the_caller_follow_the_Record_Routes_from_below()
    {
        using var proxy = new ScriptedPeer();
        using var inner = new ScriptedPeer();
        await using var alice = Handset("alice", proxy: proxy.Local);

        var calling = alice.Invite("sip:group@im.example.com", _plain);
        var invite = await proxy.NextAsync("INVITE");
        var answer = ScriptedPeer.Respond(invite, 200)
            .Add("Record-Route", $"<sip:far.example.com;lr>, <sip:{inner.Local};lr;side=a>")
            .Add("Contact", "<sip:opaque@im.example.com>;isfocus");
        await proxy.SendAsync(answer, alice);
        var ack = await inner.ReceiveAsync("ACK");
        var call = await Within(calling.Answered);
        var ending = call.ByeAsync();
        var bye = await inner.NextAsync("BYE");
        await inner.SendAsync(ScriptedPeer.Respond(bye, 200), alice);
        await Within(ending);

        string[] routes = [$"<sip:{inner.Local};lr;side=a>", "<sip:far.example.com;lr>"];
        Assert.Equal(routes, ack.List("Route"));
        Assert.Equal(routes, bye.List("Route"));
        Assert.Equal("sip:opaque@im.example.com", bye.RequestUri);
        Assert.Equal((invite.CSeq, invite.CSeq + 1), (ack.CSeq, bye.CSeq));
        Assert.Equal(("scripted", invite.FromTag), (bye.ToTag, bye.FromTag));
        Assert.NotEqual(invite.Branch, ack.Branch);
        Assert.Equal("sip:opaque@im.example.com", call.SessionIdentity);
    }

    [Fact]
    public async Task Requests_of_the_called_side_follow_them_from_above()
    {
        using var proxy = new ScriptedPeer();
        await using var alice = Handset("alice");

        var invite = ScriptedPeer.Request("INVITE", alice, "called@peer", 7)
            .Add("Record-Route", $"<sip:{proxy.Local};lr>").Add("Record-Route", "<sip:far.example.com;lr>")
            .Add("Contact", "<sip:opaque@im.example.com>");
        await proxy.SendAsync(invite, alice);
        var call = await (await Next(alice.IncomingCalls)).AcceptAsync(new() { RawBody = ("text/plain", default) });
        var answer = await proxy.ReceiveAsync("200");
        await proxy.SendAsync(ScriptedPeer.Request("ACK", alice, "called@peer", 7, $";tag={answer.ToTag}"), alice);
        await Within(call!.Acknowledged);
        _ = call.ByeAsync();
        var bye = await proxy.NextAsync("BYE");

        Assert.Equal([$"<sip:{proxy.Local};lr>", "<sip:far.example.com;lr>"], answer.List("Record-Route"));
        Assert.Equal([$"<sip:{proxy.Local};lr>", "<sip:far.example.com;lr>"], bye.List("Route"));
        Assert.Equal("sip:opaque@im.example.com", bye.RequestUri);
        Assert.Equal((answer.ToTag, "scripted"), (bye.FromTag, bye.ToTag));
        Assert.Empty(alice.Violations);
    }

    [Fact]
    public async Task A_strict_router_gets_the_Request_URI_and_the_target_moves_to_Route()
    {
        using var strict = new ScriptedPeer();
        await using var alice = Handset("alice", proxy: strict.Local);

        var calling = alice.Invite("sip:group@im.example.com", _plain);
        var invite = await strict.NextAsync("INVITE");
        await strict.SendAsync(ScriptedPeer.Respond(invite, 200)
            .Add("Record-Route", $"<sip:{strict.Local}>").Add("Contact", "<sip:opaque@im.example.com>"), alice);
        var ack = await strict.ReceiveAsync("ACK");
        await Within(calling.Answered);

        Assert.Equal($"sip:{strict.Local}", ack.RequestUri);
        Assert.Equal(["<sip:opaque@im.example.com>"], ack.List("Route"));
    }

    [Fact]
    public async Task A_reinvite_refreshes_both_ways_and_its_target_is_taken_over()
    {
        await using var pair = await CalledPair.StartAsync();

        var byCaller = await Within(pair.AliceCall.ReinviteAsync());
        await Until(() => pair.Bob.Trace.Count(record => record.Message.Method == "ACK") == 2);
        var byCalled = await Within(pair.BobCall.ReinviteAsync());
        var update = await Within(pair.AliceCall.UpdateAsync());
        await Within(pair.AliceMsrp.SendTextAsync("sip:a@example.com", "sip:b@example.com", "still here"));

        Assert.Equal((200, 200, 200), (byCaller.Status, byCalled.Status, update.Status));
        Assert.Equal("still here", (await Next(pair.BobMsrp.Messages)).Text);
        pair.AssertNoViolations();
    }

    [Fact]
    public async Task The_refresher_refreshes_at_half_the_interval()
    {
        await using var pair = await CalledPair.StartAsync(invite: new() { SessionExpires = "4;refresher=uac" });

        await Until(() => pair.Bob.Trace.Count(record =>
            record is { IsOutgoing: false, Message: { Method: "INVITE", ToTag: not null } }) >= 2);

        Assert.Equal("4;refresher=uac", pair.AliceCall.Answer["Session-Expires"]);
        Assert.False(pair.BobCall.Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "RFC 4028 10")]
    public async Task A_refresh_that_failed_is_tried_again()
    {
        await using var pair = await CalledPair.StartAsync(invite: new() { SessionExpires = "4;refresher=uac" });
        var asked = 0;
        pair.BobCall.Responder = transaction => Interlocked.Increment(ref asked) == 1
            ? transaction.RespondAsync(503)
            : pair.BobCall.AnswerReinviteAsync(transaction);

        await Until(() => Volatile.Read(ref asked) == 3);

        Assert.False(pair.BobCall.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_session_that_nobody_refreshes_is_ended()
    {
        await using var pair = await CalledPair.StartAsync(
            invite: new() { SessionExpires = "3;refresher=uac", KeepsSessionTimer = false });

        Assert.Equal(CallEndedBy.SessionTimer, (await Within(pair.BobCall.Ended)).By);
        Assert.Equal(CallEndedBy.Peer, (await Within(pair.AliceCall.Ended)).By);
    }

    [Fact]
    public async Task Crossing_reinvites_both_get_491()
    {
        await using var pair = await CalledPair.StartAsync(delay: record =>
            record is { IsOutgoing: true, Message: { Method: "INVITE", ToTag: not null } }
                ? TimeSpan.FromMilliseconds(400)
                : default);

        var answers = await Within(Task.WhenAll(pair.AliceCall.ReinviteAsync(), pair.BobCall.ReinviteAsync()));

        Assert.Equal([491, 491], answers.Select(answer => answer.Status));
        Assert.False(pair.AliceCall.Ended.IsCompleted);
        pair.AssertNoViolations();
    }

    [Fact]
    public async Task A_Contact_that_leads_nowhere_is_reported()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice", proxy: peer.Local);

        alice.Invite("sip:group@im.example.com", _plain);
        var answer = ScriptedPeer.Respond(await peer.NextAsync("INVITE"), 200);
        await peer.SendAsync(answer.Add("Contact", "<sip:peer@127.0.0.1;transport=carrier-pigeon>"), alice);
        await Until(() => alice.Violations.Count > 0);

        Assert.Contains("carrier-pigeon", Assert.Single(alice.Violations).Detail);
    }
}
