using System.Net;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Faults;

/// <summary>
/// The disk is full or broken: new work is refused, what there is stays as it is, and goes on when there is room.
/// </summary>
[Collection(FaultyProfileUsers.Name)]
public sealed class FullDiskTests(FaultyProfile profile) : IAsyncLifetime
{
    private readonly Handsets _handsets = new();

    public async ValueTask InitializeAsync() => await profile.StartSidecarAsync();

    public async ValueTask DisposeAsync()
    {
        profile.KeepsTraces |= TestContext.Current.TestState?.Result == TestResult.Failed;
        profile.Disk.Well();
        await _handsets.DisposeAsync();
    }

    [Theory]
    [InlineData("full", false)]
    [InlineData("full", true)]
    [InlineData("broken", false)]
    public async Task What_there_is_stays_and_goes_on_when_there_is_room(string fault, bool stops)
    {
        var (alice, bob, carol) = (await Register("alice"), await Register("bob"), await Register("carol"));
        var (erin, frank) = (await Register("erin"), await Register("frank"));
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);
        var setUp = erin.StartGroup(DemoProfile.Factory, [frank.AddressOfRecord]);
        var ringing = await Next(frank.IncomingCalls);

        var said = profile.Sidecar.Failures().Count();
        Break(fault);
        AssertRefused(await Within(bob.StartGroup(DemoProfile.Factory, [carol.AddressOfRecord]).Final));
        AssertRefused(await Within(bob.StartGroup(DemoProfile.Factory, [carol.AddressOfRecord]).Final));
        AssertRefused(await Within(carol.Subscribe(group.SessionIdentity).Answered));
        var accepting = ringing.AcceptAsync();
        await AssertFailingAsync();

        // What needs no save goes on; what would change something is refused and changes nothing.
        Assert.Equal(200, await group.SayAsync(bob, "still here"));
        Assert.Equal("still here", (await group.HearAsync(carol)).Text);
        Assert.Equal("still here", (await group.HearAsync(alice)).Text);
        AssertRefused(await Within(group[carol].SendAsync("BYE")));
        AssertRefused(await Within(group[bob].ReinviteAsync()));
        AssertRefused(await Within(watching.RefreshAsync()));
        await AssertCalmAsync();
        Assert.Equal(said + 1, profile.Sidecar.Failures().Count());
        Assert.Equal(200, await group.SayAsync(carol, "me too"));
        Assert.Equal("me too", (await group.HearAsync(alice)).Text);

        // Told to stop it does not wait for room.
        if (stops)
            Assert.Equal(0, await profile.StopSidecarAsync().WaitAsync(
                TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

        profile.Disk.Well();
        if (stops)
            await profile.StartSidecarAsync();
        await UntilReady();
        var accepted = (await Within(accepting))!;
        await Within(accepted.Acknowledged);

        // Who waited for an answer when the sidecar stopped had 503 from Kamailio.
        Assert.Equal(stops ? 503 : 200, (await Within(setUp.Final)).Status);
        if (stops)
            await Within(accepted.Ended);
        Assert.Equal(200, (await Within(group[carol].ByeAsync())).Status);
        await Flow.ReadUntil(
            watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);
        var again = await Group.StartAsync(carol, [frank]);
        profile.ThrowIfDead();

        // And it is all in the store.
        await profile.KillSidecarAsync();
        await profile.StartSidecarAsync();
        Assert.Equal(200, (await Within(again[frank].ByeAsync())).Status);
        Assert.Equal(200, (await Within(group[bob].ByeAsync())).Status);
        await Within(group[alice].Ended);
        Assert.Equal("noresource", (await Within(watching.Terminated)).Reason);
        if (!stops)
            Assert.Equal(200, (await Within((await setUp.Answered).ByeAsync())).Status);
        Assert.Empty(_handsets.Violations);
    }

    private Task<Handset> Register(string user) => _handsets.RegisterAsync(user);

    private void Break(string fault)
    {
        if (fault == "full")
            profile.Disk.Full();
        else
            profile.Disk.Broken();
    }

    private static void AssertRefused(SipMessage answer)
    {
        Assert.Equal((503, "3"), (answer.Status, answer["Retry-After"]));
        Assert.Contains("Store not writable", answer["Warning"], StringComparison.Ordinal);
    }

    private async Task AssertFailingAsync()
    {
        var (status, health) = await profile.HealthAsync();
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "failing"), (status, health.GetProperty("store").GetString()));
        using var live = await profile.Http.GetAsync("/health/live", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    // What waits for the disk waits: the process comes to rest.
    private async Task AssertCalmAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        TimeSpan before, after = Meter.CpuTime(profile.Sidecar.Id);
        do
        {
            before = after;
            await second.WaitForNextTickAsync(limit.Token);
            after = Meter.CpuTime(profile.Sidecar.Id);
        }
        while (after - before > TimeSpan.FromSeconds(0.05));
    }

    private async Task UntilReady()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await profile.IsReadyAsync())
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
