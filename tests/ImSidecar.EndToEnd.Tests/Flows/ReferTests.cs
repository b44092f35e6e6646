using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ResourceLists;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.7 and 7.2.1.8: participants are added and removed by REFER.</summary>
public class ReferTests(DemoProfile profile) : GroupFlow(profile)
{
    private const string Dave = "sip:dave@example.com";

    [Fact, Trait("Spec", "IM 7.2.1.7/9")]
    public async Task A_user_is_added_and_the_referrer_hears_how_it_went()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[bob].ReferAsync($"<{Dave}>"));
        var ringing = await Next(dave.IncomingCalls);
        await ringing.RingAsync();
        var call = (await Within(ringing.AcceptAsync()))!;
        var told = await ToldAsync(group[bob]);

        Assert.Equal(202, answer.Status);
        Assert.Equal("<sip:bob@example.com>", call.Invite["Referred-By"]);
        Assert.Equal(group.SessionIdentity, call.SessionIdentity);
        Assert.StartsWith("SIP/2.0 100 Trying", told[0], StringComparison.Ordinal);
        Assert.StartsWith("SIP/2.0 200 ", told[^1], StringComparison.Ordinal);
        await Within(call.Msrp!.Connected);
        await Within(call.Acknowledged);
        Assert.Equal(200, await group.SayAsync(alice, "welcome"));
        Assert.Equal("welcome", (await Next(call.Msrp.Messages)).Text);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/10")]
    public async Task A_refusal_is_told_with_its_code()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);

        await Within(group[alice].ReferAsync($"<{Dave};method=INVITE>"));
        await (await Next(dave.IncomingCalls)).RejectAsync(486);

        Assert.StartsWith("SIP/2.0 486 ", (await ToldAsync(group[alice]))[^1], StringComparison.Ordinal);
        Assert.False(group[alice].Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/3b")]
    public async Task A_list_is_invited_and_nothing_is_told()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var erin = await Register("erin");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[alice].ReferAsync(
            "<cid:who@example.com>",
            [
                ("Require", "multiple-refer"), ("Require", "norefersub"), ("Refer-Sub", "false"),
                ("Content-ID", "<who@example.com>"), ("Content-Disposition", "recipient-list"),
            ],
            (ResourceListXml.MediaType, List(Dave, "sip:erin@example.com", bob.AddressOfRecord))));
        var calls = await Within(Task.WhenAll(Group.AcceptAsync(dave), Group.AcceptAsync(erin)));

        Assert.Equal((202, "false"), (answer.Status, answer["Refer-Sub"]));
        Assert.All(calls, call => Assert.Equal(group.SessionIdentity, call.SessionIdentity));
        Assert.DoesNotContain(Read(group[alice].Requests), request => request.Method == "NOTIFY");
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/6")]
    public async Task A_refer_outside_the_dialog_is_a_subscription_of_its_own()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var referring = carol.Subscribe(group.SessionIdentity, SubscribeOptions.ToReferral($"<{Dave}>"));
        var answer = await Within(referring.Answered);
        await Group.AcceptAsync(dave);
        var last = await Within(referring.Terminated);

        Assert.Equal(202, answer.Status);
        Assert.True(answer.Lists("Supported", "norefersub"));
        Assert.Equal("noresource", last.Reason);
        Assert.StartsWith("SIP/2.0 200 ", Text(last.Request), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/1-a")]
    public async Task Who_does_not_take_part_adds_nobody()
    {
        var (alice, bob, carol) = await RegisterThree();
        var erin = await Register("erin");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(
            erin.Subscribe(group.SessionIdentity, SubscribeOptions.ToReferral($"<{Dave}>")).Answered);

        Assert.Equal((403, "Not a participant"), (answer.Status, WarningOf(answer)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/4")]
    public async Task A_full_session_takes_no_more()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[alice].ReferAsync(
            "<cid:many@example.com>", [("Content-ID", "<many@example.com>")],
            (ResourceListXml.MediaType, List([.. Enumerable.Range(0, 8).Select(i => $"sip:user{i}@example.com")]))));

        Assert.Equal((486, "Too many participants"), (answer.Status, WarningOf(answer)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2a-v")]
    public async Task Who_started_the_session_removes_another_and_hears_of_it()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[alice].ReferAsync("<sip:carol@example.com;method=BYE>"));
        var end = await Within(group[carol].Ended);

        Assert.Equal(202, answer.Status);
        Assert.Equal(CallEndedBy.Peer, end.By);
        Assert.StartsWith("SIP/2.0 200 ", (await ToldAsync(group[alice]))[^1], StringComparison.Ordinal);
        Assert.False(group[bob].Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/1-a")]
    public async Task Nobody_else_removes_anybody_but_himself()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var refused = await Within(group[bob].ReferAsync("<sip:carol@example.com;method=BYE>"));
        var leaves = await Within(group[bob].ReferAsync($"<{group.SessionIdentity};method=BYE>"));
        var end = await Within(group[bob].Ended);

        Assert.Equal(403, refused.Status);
        Assert.NotNull(WarningOf(refused));
        Assert.Equal((202, CallEndedBy.Peer), (leaves.Status, end.By));
        Assert.False(group[carol].Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/1-a")]
    public async Task In_a_pre_defined_group_the_document_says_who_adds_and_who_removes()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with
        {
            Rules = GroupXml.OfMembers + GroupXml.Rule(
                "owner", "sip:alice@example.com",
                "<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>"
                + "<allow-invite-users-dynamically>true</allow-invite-users-dynamically>"
                + "<oxe:allow-expelling>true</oxe:allow-expelling>"),
        });
        var owner = await JoinAsync(alice);
        var member = await JoinAsync(bob);

        var refused = await Within(member.ReferAsync("<sip:carol@example.com>"));
        var added = await Within(owner.ReferAsync("<sip:carol@example.com>"));
        var call = await Group.AcceptAsync(carol);
        var stays = await Within(member.ReferAsync("<sip:carol@example.com;method=BYE>"));
        var removed = await Within(owner.ReferAsync("<sip:carol@example.com;method=BYE>"));

        Assert.Equal((403, 202, 403, 202), (refused.Status, added.Status, stays.Status, removed.Status));
        Assert.Contains("allow-invite-users-dynamically", WarningOf(refused), StringComparison.Ordinal);
        Assert.Contains("allow-expelling", WarningOf(stays), StringComparison.Ordinal);
        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
    }

    [Theory]
    [InlineData("<sip:dave@example.com;method=SUBSCRIBE>")]
    [InlineData("<http://example.com/>")]
    [InlineData("<cid:nowhere@example.com>")]
    public async Task What_cannot_be_referred_to_gets_400(string referTo)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        Assert.Equal(400, (await Within(group[alice].ReferAsync(referTo))).Status);
    }

    [Fact]
    public async Task The_crash_of_the_sidecar_does_not_lose_what_is_to_be_told()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);
        await Within(group[alice].ReferAsync($"<{Dave}>"));
        var ringing = await Next(dave.IncomingCalls);

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
        await ringing.AcceptAsync();

        Assert.StartsWith("SIP/2.0 200 ", (await ToldAsync(group[alice]))[^1], StringComparison.Ordinal);
    }

    /// <summary>The bodies of the NOTIFYs up to the last one.</summary>
    private static async Task<List<string>> ToldAsync(Call call)
    {
        var told = new List<string>();
        while (true)
        {
            var request = await Next(call.Requests);
            if (request.Method != "NOTIFY")
                continue;

            Assert.StartsWith("refer;id=", request["Event"], StringComparison.Ordinal);
            told.Add(Text(request));
            if (request["Subscription-State"]!.StartsWith("terminated", StringComparison.Ordinal))
                return told;
        }
    }

    private static string Text(SipMessage request) => Encoding.UTF8.GetString(request.Body.Span);

    private static byte[] List(params string[] users) =>
        ResourceListXml.Write(new([.. users.Select(user => new ResourceListEntry(user))]));
}
