using System.Net.Sockets;
using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>RFC 4975 and RFC 6135: the MSRP session of two handsets that call each other directly.</summary>
public class MsrpTests
{
    [Theory]
    [InlineData(SetupRole.Active)]
    [InlineData(SetupRole.Passive)]
    public async Task A_message_goes_each_way(SetupRole bobs)
    {
        await using var pair = await CalledPair.StartAsync(new() { PreferredSetup = bobs });
        var (alice, bob) = (pair.AliceMsrp, pair.BobMsrp);
        await Within(Task.WhenAll(alice.Connected, bob.Connected));

        var sent = await Within(alice.SendTextAsync("sip:alice@example.com", "sip:bob@example.com", "Hello"));
        var answered = await Within(bob.SendTextAsync("sip:bob@example.com", "sip:alice@example.com", "Good day"));
        var atBob = await Next(bob.Messages);
        var atAlice = await Next(alice.Messages);

        Assert.Equal(200, sent.Status);
        Assert.Equal(200, answered.Status);
        Assert.Equal("Hello", atBob.Text);
        Assert.Equal("sip:alice@example.com", atBob.Cpim!.From.Uri);
        Assert.Equal("Good day", atAlice.Text);
        Assert.Equal(bobs == SetupRole.Active, bob.IsActive);
        pair.AssertNoViolations();
    }

    [Fact]
    public async Task A_late_offer_is_answered_in_the_ack()
    {
        await using var pair = await CalledPair.StartAsync(invite: new() { Offer = SdpOffer.Late });
        await Within(Task.WhenAll(pair.AliceMsrp.Connected, pair.BobMsrp.Connected));

        await Within(pair.AliceMsrp.SendTextAsync("sip:a@example.com", "sip:b@example.com", "late"));

        Assert.Equal("late", (await Next(pair.BobMsrp.Messages)).Text);
        pair.AssertNoViolations();
    }

    [Fact]
    public async Task A_long_message_is_chunked_and_put_together_and_reported()
    {
        await using var pair = await CalledPair.StartAsync();
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{i:d6}\r\n")));

        var sent = await Within(pair.AliceMsrp.SendAsync(
            "text/plain", new MemoryStream(text), null, new() { ChunkSize = 16_384, WantsSuccessReport = true }));
        var whole = await Next(pair.BobMsrp.Messages);
        var report = await Next(pair.AliceMsrp.Reports);

        Assert.Equal(200, sent.Status);
        Assert.Equal(30, sent.Chunks);
        Assert.Equal(30, whole.Chunks);
        Assert.True(whole.Body.Span.SequenceEqual(text));
        Assert.Equal((sent.MessageId, 200), (report.MessageId, report.Status));
        pair.AssertNoViolations();
    }

    [Fact]
    public async Task A_message_that_is_given_up_or_cut_is_never_delivered()
    {
        await using var pair = await CalledPair.StartAsync();
        var body = new byte[10_000];

        await Within(pair.AliceMsrp.SendAsync("text/plain", body, new() { AbortsAfter = 2, MessageId = "givenup1" }));
        Assert.Equal("givenup1", await Next(pair.BobMsrp.AbortedMessages));
        await Within(pair.AliceMsrp.SendAsync("text/plain", body, new() { CutsAfter = 2 }));
        await Within(pair.AliceMsrp.SendAsync("text/plain", "after"u8.ToArray()));

        Assert.Equal("after", Encoding.UTF8.GetString((await Next(pair.BobMsrp.Messages)).Body.Span));
        Assert.Equal(1, pair.BobMsrp.OpenMessages);
    }

    [Fact]
    public async Task A_refused_chunk_ends_the_message()
    {
        await using var pair = await CalledPair.StartAsync(new() { Answer = chunk => chunk.Head.HasBody ? 413 : 200 });

        var sent = await Within(pair.AliceMsrp.SendAsync("text/plain", new byte[200_000]));

        Assert.Equal(413, sent.Status);
        Assert.True(sent.Chunks < 90, $"{sent.Chunks} chunks");
    }

    [Fact]
    public async Task A_handset_that_does_not_read_stops_the_sender_and_goes_on_later()
    {
        await using var pair = await CalledPair.StartAsync();
        pair.BobMsrp.PauseReading();

        var sending = pair.AliceMsrp.SendAsync("text/plain", new byte[3_000_000], new() { ChunkSize = 60_000 });
        await Assert.ThrowsAsync<TimeoutException>(() => sending.WaitAsync(
            TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(pair.BobMsrp.Chunks, chunk => chunk.Head.HasBody);
        pair.BobMsrp.ResumeReading();

        Assert.Equal(200, (await Within(sending)).Status);
    }

    [Fact]
    public async Task The_active_side_connects_again()
    {
        await using var pair = await CalledPair.StartAsync();
        await Within(pair.BobMsrp.Connected);

        pair.BobMsrp.DropConnection();
        await Until(() => !pair.AliceMsrp.IsConnected);
        var bound = await Within(pair.BobMsrp.ConnectAsync());
        await Within(pair.AliceMsrp.SendAsync("text/plain", "again"u8.ToArray()));

        Assert.Equal(200, bound);
        Assert.Equal("again", Encoding.UTF8.GetString((await Next(pair.BobMsrp.Messages)).Body.Span));
    }

    [Fact]
    public async Task A_request_for_another_session_gets_481()
    {
        await using var pair = await CalledPair.StartAsync();
        await Within(pair.BobMsrp.Connected);
        var stranger = pair.AliceMsrp.Local.ToString().Replace(pair.AliceMsrp.Local.SessionId!, "nobody0000");

        await pair.BobMsrp.SendBytesAsync(Encoding.ASCII.GetBytes(
            $"MSRP abcd1234 SEND\r\nTo-Path: {stranger}\r\nFrom-Path: {pair.BobMsrp.Local}\r\n"
            + "Message-ID: 12345678\r\n-------abcd1234$\r\n"));

        await Until(() => pair.Bob.Violations.Any(violation => violation.Message == "MSRP abcd1234 481"));
    }

    [Fact]
    public async Task A_lost_connection_ends_the_wait_for_answers()
    {
        await using var pair = await CalledPair.StartAsync(new() { Answer = chunk => chunk.Head.HasBody ? 0 : 200 });

        var sending = pair.AliceMsrp.SendAsync("text/plain", "nobody answers"u8.ToArray());
        await Until(() => pair.BobMsrp.Chunks.Any(chunk => chunk.Head.HasBody));
        Assert.False(sending.IsCompleted);
        pair.BobMsrp.DropConnection();

        Assert.Equal(408, (await Within(sending)).Status);
    }

    [Fact]
    public async Task A_peer_that_cannot_be_reached_fails_the_connection_and_not_the_call()
    {
        using var peer = new ScriptedPeer();
        await using var alice = Handset("alice");

        var calling = alice.Invite("sip:peer@example.com", hop: peer.Hop);
        var answer = ScriptedPeer.Respond(await peer.NextAsync("INVITE"), 200).Add("Contact", peer.Contact)
            .WithBody("application/sdp", Encoding.ASCII.GetBytes(
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                + "m=message 9 TCP/MSRP *\r\na=accept-types:*\r\na=setup:passive\r\n"
                + "a=path:msrp://127.0.0.1:9/nothing;tcp\r\n"));
        await peer.SendAsync(answer, alice);
        var call = await Within(calling.Answered);

        await Assert.ThrowsAsync<SocketException>(() => Within(call.Msrp!.Connected));
        await Assert.ThrowsAsync<IOException>(() => Within(call.Msrp!.SendAsync("text/plain", "x"u8.ToArray())));
    }
}
