using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.2: a list with one entry makes a one-to-one session.</summary>
public class OneToOneTests(DemoProfile profile) : Flow(profile)
{
    [Fact]
    public async Task Two_talk_and_the_session_ends_with_either()
    {
        var alice = await Register("alice", options: new() { User = "alice", DisplayName = "Alice Ski" });
        var bob = await Register("bob");

        var group = await Group.StartAsync(alice, [bob]);
        Assert.Equal(200, await group.SayAsync(alice, "just us"));
        Assert.Equal("just us", (await group.HearAsync(bob)).Text);
        Assert.Equal(200, (await Within(group[bob].ByeAsync())).Status);

        Assert.Equal(CallEndedBy.Peer, (await Within(group[alice].Ended)).By);
        Assert.Null(group[bob].Invite.Contact!.Uri.Parameter("isfocus"));
        Assert.DoesNotContain("isfocus", group[bob].Invite["Contact"], StringComparison.Ordinal);
        Assert.StartsWith("\"Alice Ski\" <sip:alice@example.com>", group[bob].Invite["From"], StringComparison.Ordinal);
    }
}
