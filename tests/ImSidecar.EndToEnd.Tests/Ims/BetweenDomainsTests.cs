using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>What goes on through the IM servers of two domains, the caller's and the callee's, and back.</summary>
public class BetweenDomainsTests(TwoDomainsProfile profile) : DomainsFlow(profile)
{
    [Fact]
    public async Task A_session_stays_on_the_way_it_was_set_up()
    {
        var (alice, bob) = (await At(A, "alice"), await At(X, "bob"));

        var calling = alice.Invite(bob.AddressOfRecord);
        var called = await Group.AcceptAsync(bob);
        var call = await Within(calling.Answered);
        await Within(Task.WhenAll(call.Msrp!.Connected, called.Msrp!.Connected));
        await Within(call.Msrp.SendAsync("text/plain", "over two borders"u8.ToArray()));
        Assert.Equal("over two borders", (await Next(called.Msrp.Messages)).Text);
        Assert.Equal(200, (await Within(call.ReinviteAsync())).Status);
        Assert.Equal(200, (await Within(called.ByeAsync())).Status);

        var there = Way(alice, bob);
        int[] back = [.. there.Reverse()];
        var first = (int)called.Invite.CSeq;
        await AssertWentAsync(calling.CallId, "INVITE", first, there);
        await AssertWentAsync(calling.CallId, "ACK", first, there, answer: null);
        await AssertWentAsync(calling.CallId, "INVITE", first + 1, there);
        await AssertWentAsync(calling.CallId, "BYE", null, back);

        // One mark of each half.
        Assert.Equal(["orig", "term"], called.Invite.List("P-Im-Passed").Select(mark => mark.Split(';')[0]));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(486)]
    [InlineData(603)]
    public async Task A_refusal_comes_back_as_it_is(int status)
    {
        var (alice, bob) = (await At(A, "alice"), await At(X, "bob"));

        var calling = alice.Invite(bob.AddressOfRecord);
        await (await Next(bob.IncomingCalls)).RejectAsync(status, "Of Bob");

        var answer = await Within(calling.Final);
        Assert.Equal((status, "Of Bob"), (answer.Status, answer.Reason));
        await AssertWentAsync(calling.CallId, "INVITE", null, Way(alice, bob), $"{status}");
    }

    [Fact]
    public async Task A_cancel_reaches_who_is_called()
    {
        var (alice, bob) = (await At(A, "alice"), await At(X, "bob"));

        var calling = alice.Invite(bob.AddressOfRecord);
        var ringing = await Next(bob.IncomingCalls);
        await ringing.RingAsync();
        while ((await Next(calling.Provisionals)).Status != 180)
            continue;
        await Within(calling.CancelAsync());

        await Within(ringing.Cancelled);
        Assert.Equal(487, (await Within(calling.Final)).Status);
    }

    [Fact]
    public async Task A_message_goes_through_both()
    {
        var (alice, bob) = (await At(A, "alice"), await At(X, "bob"));
        var message = alice.CreateRequest("MESSAGE", bob.AddressOfRecord)
            .Add("Accept-Contact", "*;+g.oma.sip-im")
            .WithBody("text/plain", Encoding.UTF8.GetBytes("one line"));

        Assert.Equal(200, (await Within(alice.SendAsync(message))).Status);

        Assert.Equal("one line", (await Next(bob.Messages)).Text);
        await AssertWentAsync(message.CallId, "MESSAGE", null, Way(alice, bob));
    }

    [Fact]
    public async Task Who_is_referred_to_a_session_abroad_is_invited_through_his_own_server()
    {
        var (alice, bob, dave) = (await At(A, "alice"), await At(X, "bob"), await At(A, "dave"));
        var starting = alice.StartGroup(X.Factory, [bob.AddressOfRecord, "sip:nobody@" + X.Name]);
        await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);

        Assert.Equal(202, (await Within(call.ReferAsync($"<{dave.AddressOfRecord}>"))).Status);
        var added = await Group.AcceptAsync(dave);

        Assert.Equal($"<{alice.AddressOfRecord}>", added.Invite["Referred-By"]);
        await AssertWentAsync(starting.CallId, "REFER", null, Way(alice), "202");
        await AssertWentAsync(
            added.CallId, "INVITE", null,
            [X.ImServer, X.Core, A.Core, A.ImServer, A.Core, PortOf(dave)]);
        Assert.Equal(200, (await Within(added.ByeAsync())).Status);
    }

    [Fact]
    public async Task Who_is_invited_at_home_is_asked_about_once()
    {
        var (alice, bob) = (await At(A, "alice"), await At(X, "bob"));

        var starting = alice.StartGroup(X.Factory, [bob.AddressOfRecord, "sip:nobody@" + X.Name]);
        var invited = await Group.AcceptAsync(bob);
        await Within(starting.Answered);

        await AssertWentAsync(
            invited.CallId, "INVITE", null, [X.ImServer, X.Core, X.ImServer, X.Core, PortOf(bob)]);
        Assert.Equal(["term"], invited.Invite.List("P-Im-Passed").Select(mark => mark.Split(';')[0]));
    }

    [Fact]
    public async Task A_server_that_is_given_its_own_request_again_finds_the_loop()
    {
        var alice = await At(A, "alice");

        var calling = alice.Invite("sip:misrouted@" + X.Name);

        var answer = await Within(calling.Final);
        Assert.Equal(482, answer.Status);
        Assert.Contains("passed this request on before", answer["Warning"], StringComparison.Ordinal);
        int[] lap = [PortOf(alice), A.Core, A.ImServer, A.Core, A.ImServer];
        await AssertWentAsync(calling.CallId, "INVITE", null, lap, "482");
    }

    private int[] Way(Handset from) => [PortOf(from), A.Core, A.ImServer, A.Core, X.Core, X.ImServer];

    private int[] Way(Handset from, Handset to) => [.. Way(from), X.Core, PortOf(to)];
}
