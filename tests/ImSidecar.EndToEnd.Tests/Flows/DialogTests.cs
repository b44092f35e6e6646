using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 3261 12.2.2: requests within dialogs that are ours, or are not.</summary>
public class DialogTests(DemoProfile profile) : Flow(profile)
{
    private const string Nowhere = "sip:aaaaaaaaaaaaaaaaaaaaaaaaaa@im.example.com";

    [Theory]
    [InlineData("BYE")]
    [InlineData("UPDATE")]
    [InlineData("SUBSCRIBE")]
    public async Task A_request_in_a_dialog_nobody_knows_gets_481(string method)
    {
        var alice = Stranger("alice");
        var request = alice.CreateRequest(method, Nowhere)
            .Set("To", $"<{Nowhere}>;tag=unheardof")
            .Add("Contact", $"<{alice.ContactUri}>");
        if (method == "SUBSCRIBE")
            request.Add("Event", "conference");

        var answer = await Within(alice.SendAsync(request));

        Assert.Equal((481, "Dialog does not exist"), (answer.Status, WarningOf(answer)));
    }

    [Fact]
    public async Task An_INVITE_in_a_dialog_nobody_knows_gets_481()
    {
        var alice = Stranger("alice");

        var inviting = alice.Invite(Nowhere, new() { Headers = [("To", $"<{Nowhere}>;tag=unheardof")] });

        Assert.Equal(481, (await Within(inviting.Final)).Status);
    }

    [Fact]
    public async Task A_stranger_with_the_session_identity_cannot_end_a_call()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var dave = Stranger("dave");

        var request = dave.CreateRequest("BYE", group.SessionIdentity)
            .Set("To", $"<{group.SessionIdentity}>;tag={group[alice].Dialog.RemoteTag}");

        Assert.Equal(481, (await Within(dave.SendAsync(request))).Status);
        Assert.Equal(200, await group.SayAsync(alice, "still here"));
    }

    [Fact]
    public async Task A_lower_CSeq_gets_500_and_the_call_goes_on()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[alice].SendAsync("BYE", cseq: 1));

        Assert.Equal((500, "CSeq is lower than that of an earlier request"), (answer.Status, WarningOf(answer)));
        Assert.Equal(200, await group.SayAsync(bob, "still here"));
        Assert.Equal("still here", (await group.HearAsync(alice)).Text);
    }

    [Fact]
    public async Task An_unknown_method_within_a_call_gets_405()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[alice].SendAsync("INFO"));

        Assert.Equal(405, answer.Status);
        Assert.True(answer.Lists("Allow", "BYE"));
    }

    [Fact]
    public async Task Options_tells_what_we_support()
    {
        var alice = await Register("alice");

        var answer = await Within(alice.OptionsAsync(DemoProfile.Factory));

        Assert.Equal(200, answer.Status);
        Assert.True(answer.Lists("Allow", "UPDATE"));
        Assert.True(answer.Lists("Supported", "recipient-list-invite"));
        Assert.True(answer.Lists("Allow-Events", "conference"));
    }
}
