namespace ImSidecar.Msrp.Tests;

/// <summary>After a restart peers are back before all legs are opened again.</summary>
public class EarlyRequestTests
{
    private readonly TaskCompletionSource _all = new();

    [Fact]
    public async Task Who_is_back_before_his_leg_waits_for_it()
    {
        using var world = World();
        var alice = world.Connect("alice");
        var bound = SwitchWorld.BindAsync(alice);
        var bob = await world.JoinAsync("bob");

        world.Switch.OpenLeg(SwitchWorld.Leg("alice"));
        world.Clock.Advance(TimeSpan.FromMilliseconds(50));
        await bound;

        await SwitchWorld.StillTalkAsync(alice, bob);
    }

    [Fact]
    public async Task What_he_says_at_once_is_heard()
    {
        using var world = World();
        var bob = await world.JoinAsync("bob");
        var alice = world.Connect("alice");
        await alice.SayAsync("early", SwitchWorld.Aor("alice"), SwitchWorld.Group);

        world.Switch.OpenLeg(SwitchWorld.Leg("alice"));
        _all.SetResult();

        Assert.Equal("early", Peer.Text(await bob.ReadSendAsync()));
        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task Whose_leg_does_not_come_hears_that_when_all_are_there()
    {
        using var world = World();
        var peer = world.Connect("nobody");
        await peer.SayAsync("hello?", SwitchWorld.Aor("alice"), SwitchWorld.Group);
        var answer = peer.ReadAnswerAsync();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(answer.IsCompleted);

        _all.SetResult();

        Assert.Equal(481, (await answer).Status);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_ten_seconds()
    {
        using var world = World();
        var peer = world.Connect("nobody");
        await peer.SayAsync("hello?", SwitchWorld.Aor("alice"), SwitchWorld.Group);
        var answer = peer.ReadAnswerAsync();
        await SwitchWorld.UntilAsync(() =>
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            return answer.IsCompleted;
        });

        Assert.Equal(481, (await answer).Status);
    }

    [Fact]
    public async Task Who_hangs_up_while_he_waits_is_gone()
    {
        using var world = World();
        var peer = world.Connect("nobody");
        await peer.SayAsync("hello?", SwitchWorld.Aor("alice"), SwitchWorld.Group);
        await peer.CloseAsync();

        _all.SetResult();

        await world.ConnectionsEndedAsync();
    }

    private SwitchWorld World()
    {
        var world = new SwitchWorld();
        world.Switch.AwaitLegs(() => _all.Task);
        return world;
    }
}
