using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.12 and 7.9.1.1.5: who watches sees everybody come and go.</summary>
public class ConferenceStateTests(DemoProfile profile) : Flow(profile)
{
    [Fact, Trait("Spec", "IM 7.9.1.1.5/2")]
    public async Task First_the_full_state_then_what_changes_each_one_version_up()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        var watching = alice.Subscribe(group.SessionIdentity);
        var first = await Next(watching.Notifications);
        await Within(group[carol].ByeAsync());
        var changes = await ReadUntil(
            watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);

        Assert.Equal("conference", first.Request["Event"]);
        Assert.Equal("active", first.State);
        Assert.Equal(ElementState.Full, first.Document!.State);
        Assert.Equal(group.SessionIdentity, first.Document.Entity);
        Assert.Equal(
            [alice.AddressOfRecord, bob.AddressOfRecord, carol.AddressOfRecord],
            first.Roster.Select(user => user.Entity));
        Assert.All(first.Roster, user => Assert.Equal(EndpointStatus.Connected, Assert.Single(user.Endpoints).Status));
        Assert.All(changes, told => Assert.Equal(ElementState.Partial, told.Document!.State));
        Assert.Equal(
            Enumerable.Range(1, changes.Count).Select(step => first.Document.Version + (uint)step),
            changes.Select(told => told.Document!.Version));
        Assert.Equal([alice.AddressOfRecord, bob.AddressOfRecord], changes[^1].Roster.Select(user => user.Entity));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2")]
    public async Task Who_merges_what_changed_knows_what_a_newcomer_is_told_in_full()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var starting = alice.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord, dave.AddressOfRecord]);
        var daveRings = await Next(dave.IncomingCalls);
        var bobCall = await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);

        var watching = alice.Subscribe(call.SessionIdentity);
        await Next(watching.Notifications);
        await Group.AcceptAsync(carol);
        await ReadUntil(watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Connected);
        await daveRings.RingAsync();
        await Within(bobCall.ByeAsync());
        await daveRings.AcceptAsync();
        await ReadUntil(watching, told =>
            told.Roster.All(user => user.Entity != bob.AddressOfRecord)
            && told.Roster.Any(user => user.Entity == dave.AddressOfRecord
                && user.Endpoints[0].Status == EndpointStatus.Connected));
        var newcomer = carol.Subscribe(call.SessionIdentity);
        await Next(newcomer.Notifications);

        Assert.Equal(newcomer.View.ToString(), watching.View.ToString());
        Assert.True(watching.View.HasSameRoster(newcomer.View));
        Assert.Equal(3, watching.View.Roster.Count());
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/rate")]
    public async Task Changes_within_the_rate_limit_come_together()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, carol, dave]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        await Within(Task.WhenAll(group[bob].ByeAsync(), group[carol].ByeAsync()));
        var told = await Next(watching.Notifications);

        Assert.Equal(EndpointStatus.Disconnected, told.StatusOf(bob.AddressOfRecord));
        Assert.Equal(EndpointStatus.Disconnected, told.StatusOf(carol.AddressOfRecord));
        Assert.False(watching.Notifications.TryPeek(out _));
    }
}
