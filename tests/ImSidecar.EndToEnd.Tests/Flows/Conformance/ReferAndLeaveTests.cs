using System.Text;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Conformance;

/// <summary>IM 7.2.1.7 to 7.2.1.10: one is added, one is removed, one leaves.</summary>
public class ReferAndLeaveTests(DemoProfile profile) : ConformanceFlow(profile)
{
    private const string Dave = "sip:dave@example.com";

    [Fact]
    [Trait("Spec", "IM 7.2.1.7/3"), Trait("Spec", "IM 7.2.1.7/3a"), Trait("Spec", "IM 7.2.1.7/5")]
    [Trait("Spec", "IM 7.2.1.7/8")]
    public async Task One_is_added_by_his_address()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[alice].ReferAsync($"<{Dave}>"));
        var call = await Group.AcceptAsync(dave);

        Assert.Equal((202, null), (answer.Status, answer["Refer-Sub"]));
        Assert.Equal($"<{Dave}>", call.Invite["To"]!.Split(';')[0]);
        Assert.Equal(group.SessionIdentity, call.SessionIdentity);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/7")]
    public async Task Who_wants_to_hear_nothing_hears_nothing()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[alice].ReferAsync($"<{Dave}>", [("Refer-Sub", "false")]));
        await Group.AcceptAsync(dave);

        Assert.Equal((202, "false"), (answer.Status, answer["Refer-Sub"]));
        Assert.DoesNotContain(Read(group[alice].Requests), request => request.Method == "NOTIFY");
    }

    [Theory, Trait("Spec", "IM 7.2.1.7/403"), InlineData(true), InlineData(false)]
    public async Task Another_focus_that_refuses_to_be_added_is_told_of_who_wants_to_be_told(bool wants)
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);

        await Within(group[alice].ReferAsync($"<{Dave}>", wants ? [] : [("Refer-Sub", "false")]));
        var called = (await Next(dave.IncomingCalls)).Transaction;
        await called.RespondAsync(
            called.CreateResponse(403).Add("Warning", "399 focus.example.com \"isfocus already assigned\""));

        if (wants)
            Assert.StartsWith("SIP/2.0 403 ", (await ToldAsync(group[alice]))[^1], StringComparison.Ordinal);
        await AssertHearsAsync(group, alice, bob);
        Assert.DoesNotContain(Read(group[alice].Requests), request => request.Method == "NOTIFY");
    }

    [Theory, InlineData(false), InlineData(true)]
    [Trait("Spec", "IM 7.2.1.8/2"), Trait("Spec", "IM 7.2.1.8/2a"), Trait("Spec", "IM 7.2.1.8/2a-i")]
    [Trait("Spec", "IM 7.2.1.8/2a-ii"), Trait("Spec", "IM 7.2.1.8/2a-iv"), Trait("Spec", "IM 7.2.1.8/2a-ix")]
    [Trait("Spec", "IM 7.2.1.8/3"), Trait("Spec", "IM 7.2.1.9/2"), Trait("Spec", "IM 7.2.1.9/ok-1")]
    [Trait("Spec", "IM 7.2.1.9/ok-2")]
    public async Task One_is_removed_and_who_asked_for_it_is_told(bool isOutside)
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = bob.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        const string referTo = "<sip:carol@example.com;method=BYE>";
        if (isOutside)
        {
            var referring = alice.Subscribe(group.SessionIdentity, SubscribeOptions.ToReferral(referTo));
            var answer = await Within(referring.Answered);
            Assert.Equal(202, answer.Status);
            Assert.True(answer.Lists("Supported", "norefersub"));
            var last = await Within(referring.Terminated);
            Assert.StartsWith("SIP/2.0 200 ", last.Request.Text, StringComparison.Ordinal);
        }
        else
        {
            var answer = await Within(group[alice].ReferAsync(referTo));
            Assert.Equal((202, null), (answer.Status, answer["Supported"]));
            Assert.StartsWith("SIP/2.0 200 ", (await ToldAsync(group[alice]))[^1], StringComparison.Ordinal);
        }

        Assert.Equal(CallEndedBy.Peer, (await Within(group[carol].Ended)).By);
        await ReadUntil(watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);
        await AssertHearsAsync(group, alice, bob);
        group.AssertHeardNothing(carol);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2a-iii"), Trait("Spec", "IM 7.2.1.8/2a-vi")]
    public async Task The_last_but_one_is_removed_silently_and_the_session_ends()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        await Within(group[bob].ByeAsync());

        var answer = await Within(group[alice].ReferAsync(
            "<sip:carol@example.com;method=BYE>", [("Refer-Sub", "false")]));

        Assert.Equal((202, "false"), (answer.Status, answer["Refer-Sub"]));
        Assert.Equal(CallEndedBy.Peer, (await Within(group[carol].Ended)).By);
        Assert.Equal(CallEndedBy.Peer, (await Within(group[alice].Ended)).By);
        Assert.DoesNotContain(Read(group[alice].Requests), request => request.Method == "NOTIFY");
    }

    private static async Task<List<string>> ToldAsync(Call call)
    {
        var told = new List<string>();
        while (true)
        {
            var request = await Next(call.Requests);
            if (request.Method != "NOTIFY")
                continue;

            told.Add(Encoding.UTF8.GetString(request.Body.Span));
            if (request["Subscription-State"]!.StartsWith("terminated", StringComparison.Ordinal))
                return told;
        }
    }
}
