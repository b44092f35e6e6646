using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.10, 7.2.1.9, 7.2.2.8 and 7.9.1.1.6: people leave, the session is released.</summary>
public class LeaveTests(DemoProfile profile) : Flow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.1.10/1"), Trait("Spec", "IM 7.2.1.10/2")]
    public async Task Who_leaves_hears_no_more_and_the_others_go_on()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        Assert.Equal(200, (await Within(group[carol].ByeAsync())).Status);
        Assert.Equal(200, await group.SayAsync(alice, "carol is gone"));

        Assert.Equal("carol is gone", (await group.HearAsync(bob)).Text);
        group.AssertHeardNothing(carol);
        Assert.False(group[bob].Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public async Task The_session_ends_when_one_is_left_alone()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = bob.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        await Within(group[alice].ByeAsync());
        Assert.False(group[bob].Ended.IsCompleted);
        await Within(group[carol].ByeAsync());
        var end = await Within(group[bob].Ended);
        var last = await Within(watching.Terminated);

        Assert.Equal(CallEndedBy.Peer, end.By);
        Assert.Equal("noresource", last.Reason);
    }

    [Fact]
    public async Task All_leave_at_once()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answers = await Within(Task.WhenAll(
            new[] { alice, bob, carol }.Select(handset => group[handset].ByeAsync())));

        // A BYE of ours may have crossed the last one.
        Assert.All(answers, answer => Assert.Contains(answer.Status, (int[])[200, 481]));
        Assert.Equal(403, (await Within(bob.Invite(group.SessionIdentity).Final)).Status);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.6/2")]
    public async Task The_subscription_of_who_leaves_ends()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = carol.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        await Within(group[carol].ByeAsync());

        Assert.Equal("noresource", (await Within(watching.Terminated)).Reason);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/1"), Trait("Spec", "IM 7.9.1.1.4/1")]
    public async Task A_released_session_is_no_more()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);
        await Within(group[alice].ByeAsync());
        await Within(group[bob].Ended);

        var again = await Within(bob.Invite(group.SessionIdentity).Final);
        var watching = await Within(bob.Subscribe(group.SessionIdentity).Answered);

        Assert.Equal((403, "Session does not exist"), (again.Status, WarningOf(again)));
        Assert.Equal((404, "Conference URI does not exist"), (watching.Status, WarningOf(watching)));
    }
}
