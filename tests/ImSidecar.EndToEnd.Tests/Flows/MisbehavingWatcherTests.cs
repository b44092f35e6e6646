using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Who watches as nobody should harms himself alone.</summary>
public class MisbehavingWatcherTests(DemoProfile profile) : Flow(profile)
{
    protected override IReadOnlyList<string> Settings =>
        ["--Controlling:TransactionDeadline=00:00:08", "--Controlling:MaxAdHocParticipants=20"];

    [Fact]
    public async Task One_who_never_answers_delays_nobody_and_is_told_nothing_more()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = await Register("dave");
        var erin = await Register("erin");
        var group = await Group.StartAsync(alice, [bob, carol, dave, erin]);
        var silent = alice.Subscribe(group.SessionIdentity, new() { Answer = _ => 0 });
        await Next(silent.Notifications);
        var (bobs, carols) = (bob.Subscribe(group.SessionIdentity), carol.Subscribe(group.SessionIdentity));
        await Next(bobs.Notifications);
        await Next(carols.Notifications);

        foreach (var leaver in (Handset[])[dave, erin])
        {
            await Within(group[leaver].ByeAsync());
            await ReadUntil(bobs, told => told.StatusOf(leaver.AddressOfRecord) == EndpointStatus.Disconnected);
            await ReadUntil(carols, told => told.StatusOf(leaver.AddressOfRecord) == EndpointStatus.Disconnected);
        }

        // They have been told twice while he has one NOTIFY that he does not answer.
        Assert.Single(NotifiesTo(alice));
        await UntilForgottenAsync(silent);
        Assert.Single(NotifiesTo(alice));
    }

    [Fact]
    public async Task Those_who_subscribe_and_vanish_are_forgotten()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var vanished = Enumerable.Range(0, 5)
            .Select(_ => bob.Subscribe(group.SessionIdentity, new() { Answer = _ => 0 })).ToList();
        foreach (var each in vanished)
            Assert.Equal(200, (await Within(each.Answered)).Status);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        foreach (var each in vanished)
            await UntilForgottenAsync(each);

        await Within(group[carol].ByeAsync());
        await ReadUntil(watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);
    }

    [Fact]
    public async Task One_who_subscribes_a_thousand_times_gets_ten_and_403_then()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var answers = new List<SipMessage>();
        for (var round = 0; round < 50; round++)
            answers.AddRange(await Within(Task.WhenAll(
                Enumerable.Range(0, 20).Select(_ => alice.Subscribe(group.SessionIdentity).Answered))));

        Assert.Equal(10, answers.Count(answer => answer.Status == 200));
        Assert.All(answers.Where(answer => !answer.IsSuccess), answer =>
            Assert.Equal((403, "Too many subscriptions"), (answer.Status, WarningOf(answer))));

        var others = bob.Subscribe(group.SessionIdentity);
        Assert.Equal(3, (await Next(others.Notifications)).Roster.Count);
    }

    [Fact]
    public async Task A_crowd_that_comes_and_goes_is_told_in_few_notifications()
    {
        var alice = await Register("alice");
        var others = new List<Handset>();
        for (var i = 1; i <= 12; i++)
            others.Add(await Register("crowd" + i));
        var starting = alice.StartGroup(DemoProfile.Factory, [.. others.Select(each => each.AddressOfRecord)]);
        var first = await Group.AcceptAsync(others[0]);
        var call = await Within(starting.Answered);
        var watching = alice.Subscribe(call.SessionIdentity);
        await Next(watching.Notifications);

        var began = Stopwatch.GetTimestamp();
        var calls = await Within(Task.WhenAll(others.Skip(1).Select(each => Group.AcceptAsync(each))));
        await Within(Task.WhenAll(calls.Select(each => each.Acknowledged)));
        await Within(Task.WhenAll(calls.Select(each => each.ByeAsync())));
        var told = await ReadUntil(watching, each => each.Roster.Count == 2);
        var lasted = Stopwatch.GetElapsedTime(began);

        // Each who came and went has been reported, whether in one document or in two.
        Assert.All(others.Skip(1), each => Assert.Contains(told, one =>
            one.StatusOf(each.AddressOfRecord) == EndpointStatus.Disconnected));
        Assert.True(told.Count <= lasted / TimeSpan.FromSeconds(0.5) + 1, $"{told.Count} in {lasted}");
        Assert.Equal(200, (await Within(first.ByeAsync())).Status);
    }

    [Fact]
    public async Task One_who_has_another_told_stops_when_that_one_knows_of_nothing()
    {
        var (alice, bob, carol) = await RegisterThree();
        var dave = Stranger("dave");
        var group = await Group.StartAsync(alice, [bob, carol]);

        var steered = bob.Subscribe(
            group.SessionIdentity, new() { Headers = [("Contact", $"<{dave.ContactUri}>")] });
        Assert.Equal(200, (await Within(steered.Answered)).Status);
        await Until(() => dave.Trace.Any(record => record is { IsOutgoing: true, Message.Status: 481 }));
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);
        await Within(group[carol].ByeAsync());
        await ReadUntil(watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);

        Assert.Equal(481, (await Within(steered.RefreshAsync())).Status);
        Assert.Single(NotifiesTo(dave));
    }

    private static IEnumerable<uint> NotifiesTo(Handset handset) => handset.Trace
        .Where(record => record is { IsOutgoing: false, Message.Method: "NOTIFY" })
        .Select(record => record.Message!.CSeq)
        .Distinct();

    // A refresh tells it; as long as a NOTIFY waits for its answer it makes no other one.
    private static async Task UntilForgottenAsync(Subscription subscription)
    {
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while ((await Within(subscription.RefreshAsync())).Status != 481)
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
