using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.11 and RFC 4028: refreshing a session.</summary>
public class SessionTimerTests(DemoProfile profile) : Flow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.1.11/1")]
    public async Task A_reINVITE_refreshes_the_session()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[alice].ReinviteAsync());

        Assert.Equal((200, "1800;refresher=uac"), (answer.Status, answer["Session-Expires"]));
        Assert.False(answer.SdpBody.IsEmpty);
        Assert.Equal(200, await group.SayAsync(alice, "refreshed"));
        Assert.Equal("refreshed", (await group.HearAsync(bob)).Text);
    }

    [Fact, Trait("Spec", "IM 7.2.1.11/1")]
    public async Task An_UPDATE_refreshes_the_session_of_an_invited_user()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(group[bob].UpdateAsync(
            [("Supported", "timer"), ("Session-Expires", "300;refresher=uac")]));

        Assert.Equal((200, "300;refresher=uac"), (answer.Status, answer["Session-Expires"]));
        Assert.True(answer.SdpBody.IsEmpty);
    }

    [Fact]
    public async Task A_session_interval_too_small_gets_422()
    {
        var alice = await Register("alice");

        var answer = await Refusal(alice, ["sip:bob@example.com"], new() { SessionExpires = "60" });

        Assert.Equal((422, "90"), (answer.Status, answer["Min-SE"]));
    }

    [Fact]
    public async Task A_peer_without_session_timers_is_not_made_to_refresh()
    {
        var (alice, bob, _) = await RegisterThree();

        var group = await Group.StartAsync(
            alice, [bob], new() { SessionExpires = null, Headers = [("Supported", null)] });

        Assert.Null(group[alice].Answer["Session-Expires"]);
        Assert.False(group[alice].Answer.Lists("Require", "timer"));
    }
}
