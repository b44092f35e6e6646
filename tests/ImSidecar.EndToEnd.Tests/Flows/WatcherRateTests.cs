using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 6446: how often a watcher wants to be told, within what the operator lets.</summary>
public class WatcherRateTests(DemoProfile profile) : Flow(profile)
{
    protected override IReadOnlyList<string> Settings => ["--Controlling:ShortestRepeat=00:00:01"];

    [Fact, Trait("Spec", "IM 7.9.1.1.5/rate")]
    public async Task Who_asks_for_it_is_told_the_state_again_and_again()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var watching = alice.Subscribe(group.SessionIdentity, new() { Event = "conference;min-rate=10" });
        var first = await Next(watching.Notifications);
        var second = await Next(watching.Notifications);
        var third = await Next(watching.Notifications);

        Assert.EndsWith(";min-rate=1", first.Request["Subscription-State"], StringComparison.Ordinal);
        Assert.All([first, second, third], told => Assert.Equal(ElementState.Full, told.Document!.State));
        Assert.Equal([0u, 1u, 2u], new[] { first, second, third }.Select(told => told.Document!.Version));
        Assert.Equal(first.Request["SIP-ETag"], third.Request["SIP-ETag"]);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/rate")]
    public async Task Who_wants_to_be_told_seldom_gets_in_one_what_others_get_in_two()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol, dave]);
        var seldom = alice.Subscribe(group.SessionIdentity, new() { Event = "conference;max-rate=0.25" });
        var often = bob.Subscribe(group.SessionIdentity);
        var first = await Next(seldom.Notifications);
        await Next(often.Notifications);

        await Within(group[carol].ByeAsync());
        await ReadUntil(often, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);
        await Within(group[dave].ByeAsync());
        await ReadUntil(often, told => told.StatusOf(dave.AddressOfRecord) == EndpointStatus.Disconnected);
        var told = await Next(seldom.Notifications);

        Assert.Contains(";max-rate=0.25", first.Request["Subscription-State"], StringComparison.Ordinal);
        Assert.Equal(
            (EndpointStatus.Disconnected, EndpointStatus.Disconnected),
            (told.StatusOf(carol.AddressOfRecord), told.StatusOf(dave.AddressOfRecord)));
    }
}
