using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.5: a session that is under way is entered by its identity.</summary>
public class RejoinTests(DemoProfile profile) : Flow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.1.5/8"), Trait("Spec", "IM 7.2.1.5/9"), Trait("Spec", "IM 7.2.1.5/10")]
    [Trait("Spec", "IM 7.2.1.5/11"), Trait("Spec", "IM 7.2.1.5/12"), Trait("Spec", "IM 7.2.1.5/13")]
    public async Task Who_left_comes_in_again_is_seen_and_heard()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        await Within(group[bob].ByeAsync());
        var watching = alice.Subscribe(group.SessionIdentity);
        await Within(watching.Answered);

        var again = await Within(bob.Invite(group.SessionIdentity).Answered);
        var seen = await ReadUntil(watching, each => each.Document?.Users?.List
            .Any(user => user.Entity == bob.AddressOfRecord) == true);
        await Within(again.Msrp!.Connected);

        Assert.Equal(group.SessionIdentity, again.SessionIdentity);
        Assert.Contains(";isfocus", again.Answer["Contact"], StringComparison.Ordinal);
        Assert.True(seen.Count > 0);
        Assert.Equal(200, await group.SayAsync(carol, "welcome back"));
        Assert.Equal("welcome back", (await Next(again.Msrp.Messages)).Text);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/1-a"), Trait("Spec", "IM 7.2.1.5/1-b")]
    public async Task A_session_that_is_over_gets_403_that_says_so()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        var group = await Group.StartAsync(alice, [bob]);
        await Within(group[alice].ByeAsync());
        await Within(group[bob].Ended);

        var answer = await Within(bob.Invite(group.SessionIdentity).Final);

        Assert.Equal((403, "Session does not exist"), (answer.Status, WarningOf(answer)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/2-a"), Trait("Spec", "IM 7.2.1.5/2-b")]
    public async Task Who_was_never_invited_gets_403_that_says_why()
    {
        var (alice, bob, carol) = await RegisterThree();
        var erin = await Register("erin");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(erin.Invite(group.SessionIdentity).Final);

        Assert.Equal(
            (403, "Only who was invited to this session may join it"), (answer.Status, WarningOf(answer)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/2-a")]
    public async Task Who_was_expelled_comes_in_only_when_he_is_added_again()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol, dave]);
        await Within(group[alice].ReferAsync("<sip:bob@example.com;method=BYE>"));
        await Within(group[bob].Ended);

        var refused = await Within(bob.Invite(group.SessionIdentity).Final);
        await Within(group[carol].ReferAsync("<sip:bob@example.com>"));
        var added = await Group.AcceptAsync(bob);
        await Within(added.Acknowledged);
        await Within(added.ByeAsync());
        var again = await Within(bob.Invite(group.SessionIdentity).Answered);

        Assert.Equal(403, refused.Status);
        Assert.Equal(group.SessionIdentity, again.SessionIdentity);
    }

    [Fact]
    public async Task Who_refused_may_come_later_all_the_same_and_after_a_restart_of_the_sidecar_too()
    {
        var (alice, bob, carol) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        await (await Next(bob.IncomingCalls)).RejectAsync(603);
        await Group.AcceptAsync(carol);
        var call = await Within(starting.Answered);

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
        var joined = await Within(bob.Invite(call.SessionIdentity).Answered);

        Assert.Equal(call.SessionIdentity, joined.SessionIdentity);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/6")]
    public async Task Who_comes_back_with_privacy_is_anonymous()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        await Within(group[bob].ByeAsync());
        var watching = alice.Subscribe(group.SessionIdentity);
        await Within(watching.Answered);

        await Within(bob.Invite(group.SessionIdentity, new() { Headers = [("Privacy", "id")] }).Answered);
        var seen = await ReadUntil(watching, each => each.Document?.Users?.List
            .Any(user => user.Entity.EndsWith("@anonymous.invalid", StringComparison.Ordinal)) == true);

        Assert.All(seen, each => Assert.DoesNotContain(
            "bob", System.Text.Encoding.UTF8.GetString(each.Request.Body.Span), StringComparison.Ordinal));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/7")]
    public async Task Media_that_is_not_msrp_gets_488()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var audio = Bodies.Offer.Replace("m=message 9 TCP/MSRP *", "m=audio 9 RTP/AVP 0", StringComparison.Ordinal);
        var answer = await Within(bob.Invite(group.SessionIdentity, new()
        {
            RawBody = ("application/sdp", System.Text.Encoding.UTF8.GetBytes(audio)),
        }).Final);

        Assert.Equal(488, answer.Status);
    }

    [Fact]
    public async Task A_one_to_one_session_follows_its_user_to_another_place_and_takes_no_third_one()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        var refused = await Within(carol.Invite(group.SessionIdentity).Final);
        var again = await Within(bob.Invite(group.SessionIdentity).Answered);
        var end = await Within(group[bob].Ended);
        await Within(again.Msrp!.Connected);

        Assert.Equal((403, CallEndedBy.Peer), (refused.Status, end.By));
        Assert.Equal(200, await group.SayAsync(alice, "there you are"));
        Assert.Equal("there you are", (await Next(again.Msrp.Messages)).Text);
    }
}

/// <summary>The limit of an ad-hoc session, with the place of who left taken by another.</summary>
public class RejoinFullTests(DemoProfile profile) : Flow(profile)
{
    protected override IReadOnlyList<string> Settings =>
        ["--Controlling:MaxAdHocParticipants=3", "--Controlling:UnknownSessionCode=404"];

    [Fact, Trait("Spec", "IM 7.2.1.5/3")]
    public async Task A_full_session_takes_nobody_back()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);
        await Within(group[bob].ByeAsync());
        await Within(group[alice].ReferAsync("<sip:dave@example.com>"));
        await Group.AcceptAsync(dave);

        var answer = await Within(bob.Invite(group.SessionIdentity).Final);

        Assert.Equal((486, "Too many participants"), (answer.Status, WarningOf(answer)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/1-a")]
    public async Task The_operator_may_have_404_for_a_session_that_is_over()
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        var group = await Group.StartAsync(alice, [bob]);
        await Within(group[alice].ByeAsync());
        await Within(group[bob].Ended);

        Assert.Equal(404, (await Within(bob.Invite(group.SessionIdentity).Final)).Status);
    }
}
