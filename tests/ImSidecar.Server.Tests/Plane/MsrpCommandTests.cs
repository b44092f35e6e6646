extern alias ctl;

using ctl::ImSidecar.Cli;

namespace ImSidecar.Server.Tests.Plane;

/// <summary>imsidecarctl msrp, over a real socket.</summary>
public class MsrpCommandTests
{
    private static readonly DateTimeOffset _until = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task It_tells_what_there_is()
    {
        await using var world = await new PlaneWorld().StartAsync();
        await world.Remote.OpenLegAsync(PlaneWorld.Leg("s1"));
        await world.Remote.OpenLegAsync(PlaneWorld.Leg("s2"));
        world.Switch.Connected.Add("s1");
        world.Relay.Sessions.Add(new(1, "alice", "192.0.2.1", _until));

        var (status, output, _) = await RunAsync(world);

        Assert.Equal(0, status);
        Assert.Equal(
            ["sidecar: node1", "legs: 2, 1 connected", "connections: 1", "relay sessions: 1"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..]);
    }

    [Fact]
    public async Task It_lists_and_ends_sessions_of_the_relay()
    {
        await using var world = await new PlaneWorld().StartAsync();
        world.Relay.Sessions.Add(new(1, "alice", "192.0.2.1", _until));
        world.Relay.Sessions.Add(new(2, "bob", "", _until));

        var all = await RunAsync(world, "--relay");
        var bobs = await RunAsync(world, "--relay", "--user", "bob");
        var ended = await RunAsync(world, "--end", "1");
        var again = await RunAsync(world, "--end", "1");

        Assert.Equal(
            "1: alice, from 192.0.2.1, until 2026-11-20 09:30:00Z\n2: bob, not connected, until 2026-11-20 09:30:00Z\n",
            all.Output);
        Assert.Equal("2: bob, not connected, until 2026-11-20 09:30:00Z\n", bobs.Output);
        Assert.Equal((0, "", ""), ended);
        Assert.Equal((ExitCode.NoAnswer, "", "imsidecarctl: There is no relay session 1\n"), again);
        Assert.Equal(2, Assert.Single(world.Relay.Sessions).Number);
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(
        PlaneWorld world, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var status = await Application.RunAsync(["msrp", "--socket", world.Socket, .. arguments], output, error);
        return (status, output.ToString(), error.ToString());
    }
}
