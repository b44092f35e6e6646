using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>Documents whose changes the XDMS tells us of.</summary>
public class WatchedDocumentsTests
{
    [Fact]
    public async Task A_change_that_is_told_is_fetched_and_passed_on()
    {
        await using var world = new RemoteWorld(watched: true);
        world.Xdms.Serve("<old/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Serve("<new/>", "\"2\"");

        world.Watch!.Tell(RemoteWorld.Group, "2");

        Assert.Equal("<new/>", await world.ReadTextAsync());
        await RemoteWorld.UntilAsync(() => !world.Changes.IsEmpty);
        Assert.Equal([RemoteWorld.Group], world.Changes);
        Assert.Equal(2, world.Xdms.Requests.Count);
    }

    [Fact]
    public async Task What_is_told_and_known_costs_no_request()
    {
        await using var world = new RemoteWorld(watched: true);
        world.Xdms.Serve("<old/>", "\"1\"");
        await world.ReadAsync();

        world.Watch!.Tell(RemoteWorld.Group, "1");
        world.Watch.Tell(RemoteWorld.List, "7");

        Assert.Equal("<old/>", await world.ReadTextAsync());
        Assert.Single(world.Xdms.Requests);
    }

    [Fact]
    public async Task A_change_told_while_an_older_answer_is_on_its_way_is_not_lost()
    {
        await using var world = new RemoteWorld(watched: true);
        var gate = new TaskCompletionSource();
        world.Xdms.Script = async (_, to, _) =>
        {
            await gate.Task;
            var isFirst = world.Xdms.Requests.Count == 1;
            await ScriptedXdms.WriteAsync(
                to, isFirst ? ScriptedXdms.Document("<old/>", "\"1\"") : ScriptedXdms.Document("<new/>", "\"2\""));
        };
        var read = world.ReadTextAsync();
        await RemoteWorld.UntilAsync(() => world.Xdms.Requests.Count > 0);

        world.Watch!.Tell(RemoteWorld.Group, "2");
        gate.SetResult();

        Assert.Equal("<new/>", await read);
        Assert.Equal(2, world.Xdms.Requests.Count);
    }

    [Fact]
    public async Task One_who_tells_without_end_is_not_asked_without_end()
    {
        await using var world = new RemoteWorld(watched: true);
        world.Xdms.Script = (_, to, _) =>
        {
            world.Watch!.Tell(RemoteWorld.Group, null);
            return ScriptedXdms.WriteAsync(to, ScriptedXdms.Document("<group/>"));
        };

        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.Equal(2, world.Xdms.Requests.Count);
    }

    [Fact]
    public async Task A_change_that_is_told_and_cannot_be_fetched_leaves_the_last_known()
    {
        await using var world = new RemoteWorld(watched: true);
        world.Xdms.Serve("<old/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Always(ScriptedXdms.Status(503));

        world.Watch!.Tell(RemoteWorld.Group, null);
        Assert.Equal("<old/>", await world.ReadTextAsync());
        world.Xdms.Serve("<new/>", "\"2\"");
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await world.SweepAsync();

        Assert.Equal("<new/>", await world.ReadTextAsync());
    }

    [Fact]
    public async Task A_watched_document_is_asked_for_rarely_and_one_whose_watch_ended_as_before()
    {
        await using var world = new RemoteWorld(watched: true);
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();

        world.Time.Advance(world.Options.RevalidateWatchedAfter - TimeSpan.FromSeconds(1));
        await world.SweepAsync();
        await world.ReadAsync();
        Assert.Single(world.Xdms.Requests);

        world.Watch!.Works = false;
        await world.SweepAsync();
        Assert.Equal(2, world.Xdms.Requests.Count);
    }

    [Fact]
    public async Task The_watch_knows_what_is_in_use_and_hears_of_it_once()
    {
        await using var world = new RemoteWorld(watched: true);
        using var sweep = new DocumentSweep(
            world.Documents, world.Options, world.Time, NullLogger<DocumentSweep>.Instance, world.Watch);
        world.Xdms.Script = (head, to, _) => ScriptedXdms.WriteAsync(
            to, head.Contains("byGroupID", StringComparison.Ordinal)
                ? ScriptedXdms.Document("<group/>")
                : ScriptedXdms.NotFound);
        await world.ReadAsync();
        await world.ReadAsync(RemoteWorld.List);
        await sweep.StartAsync(TestContext.Current.CancellationToken);

        await AdvanceUntilAsync(world, () => world.Watch!.Calls > 0);
        Assert.Equal([RemoteWorld.Group], world.Watch!.Watched);
        var rounds = world.Time.Fired;
        await AdvanceUntilAsync(world, () => world.Time.Fired > rounds + 3);
        Assert.Equal(1, world.Watch.Calls);
        await sweep.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_sweep_finds_a_change_by_itself()
    {
        await using var world = new RemoteWorld();
        using var sweep = new DocumentSweep(
            world.Documents, world.Options, world.Time, NullLogger<DocumentSweep>.Instance);
        world.Xdms.Serve("<old/>", "\"1\"");
        await world.ReadAsync();
        await sweep.StartAsync(TestContext.Current.CancellationToken);
        world.Xdms.Serve("<new/>", "\"2\"");

        await AdvanceUntilAsync(world, () => !world.Changes.IsEmpty);

        Assert.Equal("<new/>", await world.ReadTextAsync());
        await sweep.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_sweep_that_waits_for_the_XDMS_holds_up_no_stop()
    {
        await using var world = new RemoteWorld();
        using var sweep = new DocumentSweep(
            world.Documents, world.Options, world.Time, NullLogger<DocumentSweep>.Instance);
        world.Xdms.Serve("<list/>", "\"1\"");
        await world.ReadAsync();
        world.Xdms.Script = (_, _, cancellation) => Task.Delay(Timeout.Infinite, cancellation);
        world.Time.Advance(world.Options.RevalidateAfter);
        await sweep.StartAsync(TestContext.Current.CancellationToken);
        await AdvanceUntilAsync(world, () => world.Xdms.Requests.Count > 1);

        var cancellation = TestContext.Current.CancellationToken;
        await sweep.StopAsync(cancellation).WaitAsync(TimeSpan.FromSeconds(30), cancellation);
    }

    private static Task AdvanceUntilAsync(RemoteWorld world, Func<bool> holds) => RemoteWorld.UntilAsync(() =>
    {
        world.Time.Advance(TimeSpan.FromSeconds(1));
        return holds();
    });
}
