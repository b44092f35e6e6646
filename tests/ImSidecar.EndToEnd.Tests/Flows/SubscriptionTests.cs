using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.12 and RFC 6665: the life of a subscription.</summary>
public class SubscriptionTests(DemoProfile profile) : Flow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.1.12/5")]
    public async Task A_refresh_brings_the_full_state_again()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        var first = await Next(watching.Notifications);

        var answer = await Within(watching.RefreshAsync(600));
        var again = await Next(watching.Notifications);

        Assert.Equal((200, "600"), (answer.Status, answer["Expires"]));
        Assert.Equal(ElementState.Full, again.Document!.State);
        Assert.Equal(first.Document!.Version + 1, again.Document.Version);
        Assert.InRange(again.Expires!.Value, 590, 600);
    }

    [Fact]
    public async Task Unsubscribing_ends_with_a_last_notification()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        Assert.Equal(200, (await Within(watching.UnsubscribeAsync())).Status);

        Assert.Equal("timeout", (await Within(watching.Terminated)).Reason);
    }

    [Fact]
    public async Task Fetching_brings_the_full_state_once()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var fetching = bob.Subscribe(group.SessionIdentity, new() { Seconds = 0 });
        var told = await Within(fetching.Terminated);

        Assert.Equal((200, "0"), ((await Within(fetching.Answered)).Status, (await fetching.Answered)["Expires"]));
        Assert.Equal(3, told.Roster.Count);
    }

    [Fact]
    public async Task A_subscription_that_nobody_refreshes_expires()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var watching = alice.Subscribe(group.SessionIdentity, new() { Seconds = 2 });

        Assert.Equal("timeout", (await Within(watching.Terminated)).Reason);
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/4"), Trait("Spec", "IM 7.9.1.1.4/4")]
    public async Task Who_does_not_attend_may_not_watch()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(dave.Subscribe(group.SessionIdentity).Answered);

        Assert.Equal((403, "Not a participant"), (answer.Status, WarningOf(answer)));
    }

    [Fact]
    public async Task Another_event_package_gets_489()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(alice.Subscribe(group.SessionIdentity, new() { Event = "presence" }).Answered);

        Assert.Equal((489, "conference"), (answer.Status, answer["Allow-Events"]));
    }

    [Fact]
    public async Task Who_takes_other_bodies_only_gets_406()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(
            alice.Subscribe(group.SessionIdentity, new() { Accept = "application/pidf+xml" }).Answered);

        Assert.Equal((406, "application/conference-info+xml"), (answer.Status, answer["Accept"]));
    }

    [Fact]
    public async Task A_subscribe_that_comes_by_a_second_way_gets_482_and_makes_no_second_subscription()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        using var longWay = new SecondPath();
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);
        var sent = alice.Trace.Last(record => record is { IsOutgoing: true, Message.Method: "SUBSCRIBE" }).Message!;

        var merged = await longWay.RepeatAsync(sent);

        Assert.Equal((482, "Request was received before"), (merged.Status, WarningOf(merged)));
        Assert.Equal(200, (await Within(watching.RefreshAsync())).Status);
    }

    [Fact]
    public async Task Who_knows_the_state_is_not_told_it_again()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        var first = await Next(watching.Notifications);
        var tag = first.Request["SIP-ETag"];

        var refreshed = await Within(watching.RefreshAsync(600, headers: ("Suppress-If-Match", tag)));
        var again = alice.Subscribe(group.SessionIdentity, new() { Headers = [("Suppress-If-Match", tag)] });
        var empty = await Next(again.Notifications);
        await Within(group[carol].ByeAsync());
        var change = await Next(watching.Notifications);
        var whole = await Next(again.Notifications);

        Assert.Equal((204, "600"), (refreshed.Status, refreshed["Expires"]));
        Assert.Equal((200, "active"), ((await again.Answered).Status, empty.State));
        Assert.Equal((null, tag), (empty.Document, empty.Request["SIP-ETag"]));
        Assert.Equal((ElementState.Partial, 1u), (change.Document!.State, change.Document.Version));
        Assert.Equal((ElementState.Full, 2), (whole.Document!.State, whole.Roster.Count));
        Assert.NotEqual(tag, change.Request["SIP-ETag"]);
        Assert.Equal(204, (await Within(watching.RefreshAsync(0, headers: ("Suppress-If-Match", "*")))).Status);
    }

    [Fact]
    public async Task Too_short_a_subscription_gets_423()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var answer = await Within(alice.Subscribe(group.SessionIdentity, new() { Seconds = 1 }).Answered);

        Assert.Equal((423, "2"), (answer.Status, answer["Min-Expires"]));
    }

    [Fact]
    public async Task A_watcher_who_answers_481_is_told_no_more()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var forgotten = alice.Subscribe(group.SessionIdentity, new() { Answer = _ => 481 });
        await Next(forgotten.Notifications);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        await Within(group[carol].ByeAsync());
        await ReadUntil(watching, told => told.Roster.Count == 2);

        Assert.False(forgotten.Notifications.TryPeek(out _));
    }
}
