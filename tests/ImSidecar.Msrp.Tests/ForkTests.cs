using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 3261 13.2.2.4: several phones of one user have our path, and the one whose answer counts has the leg.</summary>
public class ForkTests
{
    [Theory, InlineData("bob", "tablet"), InlineData("tablet", "bob")]
    public async Task Both_came_before_the_answer_was_known(string first, string second)
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        world.Switch.OpenLeg(SwitchWorld.Leg("bob") with { RemotePath = [] });
        var phones = new Dictionary<string, Peer>();
        foreach (var name in (string[])[first, second])
        {
            phones[name] = world.Connect("bob", name);
            await SwitchWorld.BindAsync(phones[name]);
        }

        world.Switch.OpenLeg(SwitchWorld.Leg("bob"));

        await SwitchWorld.StillTalkAsync(alice, phones["bob"]);
        Assert.Null(await phones["tablet"].ReadAsync());
    }

    [Fact]
    public async Task The_wrong_one_came_before_and_the_right_one_after_it()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        world.Switch.OpenLeg(SwitchWorld.Leg("bob") with { RemotePath = [] });
        var tablet = world.Connect("bob", "tablet");
        await SwitchWorld.BindAsync(tablet);
        world.Switch.OpenLeg(SwitchWorld.Leg("bob"));

        var phone = world.Connect("bob");
        await SwitchWorld.BindAsync(phone);

        await SwitchWorld.StillTalkAsync(alice, phone);
        Assert.Null(await tablet.ReadAsync());
    }

    [Fact]
    public async Task The_wrong_one_does_not_take_the_place_of_the_right_one()
    {
        using var world = new SwitchWorld();
        var (alice, bob) = await world.JoinAsync("alice", "bob") switch { var peers => (peers[0], peers[1]) };

        var tablet = world.Connect("bob", "tablet");
        await tablet.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, tablet.Paths));

        Assert.Equal(506, (await tablet.ReadAnswerAsync()).Status);

        // Whether he still lives.
        await bob.ReadSendAsync();
        await SwitchWorld.StillTalkAsync(alice, bob);
    }
}
