using ImSidecar.Client;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.FailureAnswers;

/// <summary>IM 7.2.1.12: a SUBSCRIBE that is refused; nothing is told to its sender.</summary>
public class SubscribeFailureTests(DemoProfile profile) : FailureFlow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.1.12/1"), Trait("Spec", "IM 7.2.1.12/2"), Trait("Spec", "IM 11.2")]
    [Trait("Spec", "IM 7.9.1.1.4/1"), Trait("Spec", "IM 7.9.1.1.4/2")]
    public async Task What_is_not_ours_is_not_watched()
    {
        var alice = await Register("alice");

        await AssertRefusedAsync(alice, Nowhere, 404, "Conference URI does not exist");
        await AssertRefusedAsync(alice, Skiers, 404, "Conference URI does not exist");
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/3")]
    public async Task Whom_nobody_vouches_for_does_not_watch()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);
        var somebody = Stranger("somebody");

        var watching = somebody.Subscribe(group.SessionIdentity, hop: Core);

        AssertRefused(await Within(watching.Answered), 403, "Originator not authenticated");
        Assert.False(watching.Notifications.TryPeek(out _));
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/4")]
    public async Task Who_does_not_attend_does_not_watch()
    {
        var (alice, bob, _) = await RegisterThree();
        var erin = await Register("erin");
        var group = await Group.StartAsync(alice, [bob]);
        await Owner.PutGroupAsync(GroupOfThree);

        await AssertRefusedAsync(erin, group.SessionIdentity, 403, "Not a participant");
        await AssertRefusedAsync(alice, Skiers, 403, "Not a participant");
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/4")]
    public async Task Whom_the_document_does_not_let_does_not_watch()
    {
        var alice = await Register("alice");
        await Owner.PutGroupAsync(GroupOfThree with
        {
            Rules = GroupXml.OfMembers.Replace(
                "<allow-conference-state>true", "<allow-conference-state>false", StringComparison.Ordinal),
        });
        await JoinAsync(alice);

        await AssertRefusedAsync(
            alice, Skiers, 403, "allow-conference-state is false: rule \"members\" (is-list-member)");
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/NOTE"), Trait("Spec", "IM 7.9.1.1.4/NOTE")]
    public async Task Ten_subscriptions_are_enough_for_one_user()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);
        for (var i = 0; i < 10; i++)
            Assert.Equal(200, (await Within(alice.Subscribe(group.SessionIdentity).Answered)).Status);

        await AssertRefusedAsync(alice, group.SessionIdentity, 403, "Too many subscriptions");
    }

    [Fact, Trait("Spec", "RFC 6665 8.2.1")]
    public async Task Another_event_is_refused_with_the_one_there_is()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        var answer = await Within(
            alice.Subscribe(group.SessionIdentity, new() { Event = "presence" }).Answered);

        AssertRefused(answer, 489, "Only the conference event package is supported");
        Assert.Equal("conference", answer["Allow-Events"]);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.1")]
    public async Task A_time_too_short_is_refused_with_the_least()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        var answer = await Within(alice.Subscribe(group.SessionIdentity, new() { Seconds = 1 }).Answered);

        AssertRefused(answer, 423, "Subscription is too short");
        Assert.Equal("2", answer["Min-Expires"]);
    }

    private static async Task AssertRefusedAsync(Handset handset, string uri, int status, string warning)
    {
        var watching = handset.Subscribe(uri);
        AssertRefused(await Within(watching.Answered), status, warning);
        Assert.False(watching.Notifications.TryPeek(out _));
    }
}
