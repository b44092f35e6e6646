using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Deferred;

/// <summary>App. D.2, IM 11: what is said in a session to a user who is away, and how she gets it when she calls.</summary>
public class LeftInSessionTests(DemoProfile profile) : AwayFlow(profile)
{
    [Fact, Trait("Spec", "IM D.2/intro-1")]
    public async Task What_two_messages_said_waits_in_order_with_its_invite()
    {
        var alice = await Register("alice");
        var call = await CallAsync(alice);
        Assert.Equal(MediaDirection.RecvOnly, call.Msrp!.Remote!.Direction);

        Assert.Equal(200, await SayAsync(alice, call, "first"));
        Assert.Equal(200, await SayAsync(alice, call, "second"));
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);

        var messages = await FetchAsync(2);
        Assert.All(messages, each => Assert.StartsWith("multipart/mixed", each.ContentType, StringComparison.Ordinal));
        Assert.Contains("first", messages[0].Text, StringComparison.Ordinal);
        Assert.Contains("second", messages[1].Text, StringComparison.Ordinal);
        Assert.All(messages, each => Assert.Contains($"Call-ID: {call.CallId}", each.Text, StringComparison.Ordinal));
        Assert.Equal((404, "No messages wait"), await RefusedFetchAsync());
    }

    [Fact]
    public async Task The_node_dies_between_them_and_the_session_goes_on()
    {
        var alice = await Register("alice");
        var call = await CallAsync(alice, new() { Reconnects = true });
        Assert.Equal(200, await SayAsync(alice, call, "before"));

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
        await Until(() => call.Msrp!.IsConnected);
        Assert.Equal(200, await SayAsync(alice, call, "after"));
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);

        var messages = await FetchAsync(2);
        Assert.Contains("before", messages[0].Text, StringComparison.Ordinal);
        Assert.Contains("after", messages[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_connect_again_is_sent_bye_and_what_he_said_waits()
    {
        var alice = await Register("alice");
        var call = await CallAsync(alice);
        Assert.Equal(200, await SayAsync(alice, call, "before"));

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();

        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
        Assert.Contains("before", Assert.Single(await FetchAsync(1)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task She_comes_while_he_still_speaks_and_is_brought_all_of_it()
    {
        var alice = await Register("alice");
        var call = await CallAsync(alice);
        Assert.Equal(200, await SayAsync(alice, call, "before she came"));

        var erin = await Register(User);
        Assert.Contains("before she came", await TakeAsync(erin), StringComparison.Ordinal);
        Assert.Equal(200, await SayAsync(alice, call, "since she is here"));

        Assert.Contains("since she is here", await TakeAsync(erin), StringComparison.Ordinal);
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        Assert.Empty(await NumbersAsync());
    }

    // A push that brings one message, to its end.
    private static async Task<string> TakeAsync(Handset handset)
    {
        var push = await Group.AcceptAsync(handset, new() { Msrp = DeferredPush.AnyForm });
        var message = await Next(push.Msrp!.Messages);
        Assert.Equal(CallEndedBy.Peer, (await Within(push.Ended)).By);
        return message.Text;
    }

    [Fact]
    public async Task A_session_in_which_nothing_is_said_ends()
    {
        var call = await CallAsync(await Register("alice"));

        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
    }

    [Fact]
    public async Task When_the_mailbox_is_full_she_hears_it_and_is_not_answered_again()
    {
        var alice = await Register("alice");
        var call = await CallAsync(alice);
        foreach (var text in (string[])["one", "two", "three"])
            Assert.Equal(200, await SayAsync(alice, call, text));

        Assert.Equal(413, await SayAsync(alice, call, "four"));
        var answer = await Within(alice.Invite(Away).Final);

        Assert.Equal((480, "User is not available and his mailbox is full"), (answer.Status, WarningOf(answer)));
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        var second = (await NumbersAsync())[1];
        Assert.Contains("two", Assert.Single(await FetchAsync(1, ";message=" + second)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_she_types_is_not_kept_and_nobody_speaks_as_another()
    {
        var alice = await Register("alice");
        var call = await CallAsync(alice, new() { AcceptTypes = ["message/cpim", "application/im-iscomposing+xml"] });

        var typing = await Within(call.Msrp!.SendAsync("application/im-iscomposing+xml", "<isComposing/>"u8.ToArray()));
        var forged = await Within(call.Msrp.SendTextAsync("sip:bob@example.com", Away, "I am bob"));
        var odd = await Within(call.Msrp.SendAsync("text/html", "<p/>"u8.ToArray()));

        Assert.Equal((200, 403, 415), (typing.Status, forged.Status, odd.Status));
        Assert.Equal((404, "No messages wait"), await RefusedFetchAsync());
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
    }

    [Fact]
    public async Task A_call_that_is_given_up_before_its_ack_leaves_nothing()
    {
        var alice = await Register("alice");
        var call = await Within(alice.Invite(Away, new() { SendsAck = false }).Answered);

        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        Assert.Equal((404, "No messages wait"), await RefusedFetchAsync());
    }

    [Fact]
    public async Task What_a_conference_says_to_who_is_away_is_kept_too()
    {
        var (alice, bob, _) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, Away]);
        var bobCall = await Group.AcceptAsync(bob);
        var aliceCall = await Within(starting.Answered);
        await Within(Task.WhenAll(aliceCall.Msrp!.Connected, bobCall.Msrp!.Connected));
        await AnsweredForHerAsync(alice, aliceCall.SessionIdentity);

        await Within(aliceCall.Msrp.SendTextAsync(alice.AddressOfRecord, aliceCall.SessionIdentity, "from alice"));
        Assert.Equal("from alice", (await Next(bobCall.Msrp.Messages)).Text);
        await Within(bobCall.Msrp.SendTextAsync(bob.AddressOfRecord, aliceCall.SessionIdentity, "from bob"));
        Assert.Equal("from bob", (await Next(aliceCall.Msrp.Messages)).Text);
        await WaitForAsync(2);
        await Within(aliceCall.ByeAsync());
        await Within(bobCall.ByeAsync());

        var messages = await FetchAsync(2);
        Assert.Contains("from alice", messages[0].Text, StringComparison.Ordinal);
        Assert.Contains("from bob", messages[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_through_the_factory_to_who_is_away_is_answered_for_her()
    {
        var alice = await Register("alice");
        var call = await Within(alice.StartGroup(DemoProfile.Factory, [Away]).Answered);
        await Within(call.Msrp!.Connected);

        Assert.Equal(200, await SayAsync(alice, call, "through the focus"));
        await WaitForAsync(1);
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);

        Assert.Contains("through the focus", Assert.Single(await FetchAsync(1)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_restart_of_kamailio_an_ack_still_finds_its_session()
    {
        var alice = await Register("alice");
        var call = await Within(alice.Invite(Away, new() { SendsAck = false }).Answered);
        await Profile.KillKamailioAsync();
        await Profile.StartKamailioAsync();

        call.Acknowledge(call.Answer);
        await Within(call.Msrp!.Connected);

        Assert.Equal(200, await SayAsync(alice, call, "acknowledged late"));
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        Assert.Single(await FetchAsync(1));
    }

    [Fact]
    public async Task She_deletes_what_she_does_not_want()
    {
        var alice = await Register("alice");
        var call = await CallAsync(alice);
        Assert.Equal(200, await SayAsync(alice, call, "unwanted"));
        Assert.Equal(200, await SayAsync(alice, call, "wanted"));
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        var erin = Stranger(User);

        var first = (await NumbersAsync())[0];
        var refer = erin.CreateRequest("REFER", Store).Add("Contact", $"<{erin.ContactUri}>")
            .Add("Refer-To", $"<{Store};message={first};method=BYE>").Add("Refer-Sub", "false");
        var answer = await Within(erin.SendAsync(refer));

        Assert.Equal((202, "false"), (answer.Status, answer["Refer-Sub"]));
        Assert.Contains("wanted", Assert.Single(await FetchAsync(1)).Text, StringComparison.Ordinal);
        Assert.Equal((404, "No messages wait"), await RefusedFetchAsync());
    }

    // Whoever comes later hears nothing of what was said before, and so does who answers for her.
    private async Task AnsweredForHerAsync(Handset watcher, string session)
    {
        while (true)
        {
            var watching = watcher.Subscribe(session, new() { Seconds = 0 });
            var roster = (await Within(watching.Terminated)).Roster;
            if (roster.Where(user => user.Entity == Away).SelectMany(user => user.Endpoints)
                .Any(each => each.Status == EndpointStatus.Connected))
                return;

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
