using System.Net;
using System.Net.Sockets;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Tests.Xdm.Remote;

/// <summary>An XDMS that is slow, dead, or comes and goes.</summary>
public class FailingXdmsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_short_failure_is_bridged_by_another_try(int failures)
    {
        await using var world = new RemoteWorld(options => options with { Retries = 2 });
        world.Xdms.Script = (_, to, _) => ScriptedXdms.WriteAsync(
            to, world.Xdms.Requests.Count <= failures ? ScriptedXdms.Status(503) : ScriptedXdms.Document("<group/>"));

        Assert.Equal("<group/>", await world.PassTimeAsync(world.ReadTextAsync()));
        Assert.Equal(failures + 1, world.Xdms.Requests.Count);
        Assert.False(world.Health.IsFailing);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task An_answer_is_not_asked_for_twice(int code)
    {
        await using var world = new RemoteWorld(options => options with { Retries = 2 });
        world.Xdms.Always(ScriptedXdms.Status(code));

        var read = world.ReadAsync();
        await Task.WhenAny(read);

        Assert.Single(world.Xdms.Requests);
        await Record.ExceptionAsync(() => read);
    }

    [Fact]
    public async Task A_dead_XDMS_is_left_alone_and_costs_the_next_reader_no_time()
    {
        await using var world = new RemoteWorld(options => options with { Retries = 2 });
        world.Xdms.Script = (_, _, cancellation) => Task.Delay(Timeout.Infinite, cancellation);
        await world.PassTimeAsync(world.ReadFailureAsync());
        var sent = world.Xdms.Requests.Count;
        Assert.Equal(3, sent);
        Assert.True(world.IsLeftAlone);

        // Time stands still: whoever waited for anything would wait for ever.
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(
                "the XDMS did not answer and is left alone for a while", await world.ReadFailureAsync(Numbered(i)));
        }

        Assert.Equal(sent, world.Xdms.Requests.Count);
    }

    [Fact]
    public async Task After_a_while_one_request_sees_whether_it_answers_again()
    {
        await using var world = new RemoteWorld(options => options with { Retries = 2 });
        world.Xdms.Always(ScriptedXdms.Status(500));
        await world.PassTimeAsync(world.ReadFailureAsync());
        world.Xdms.Serve("<group/>", "\"1\"");

        world.Time.Advance(world.Options.BreakFor);

        Assert.Equal("<group/>", await world.ReadTextAsync());
        Assert.False(world.Health.IsFailing);
        Assert.False(world.IsLeftAlone);
    }

    [Fact]
    public async Task Nobody_listens()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Die();

        Assert.Equal("no connection to the XDMS", await world.ReadFailureAsync());
    }

    [Fact]
    public async Task Nobody_answers_who_connects()
    {
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        using var first = new TcpClient();
        using var second = new TcpClient();
        // The queue holds one or two; the next SYN is dropped.
        _ = first.Client.ConnectAsync(full.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask();
        _ = second.Client.ConnectAsync(full.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask();
        await using var world = new RemoteWorld(
            options => options with { Root = $"http://{full.LocalEndPoint}/xcap-root/", Retries = 2 });

        Assert.Equal("the XDMS does not answer in time", await world.PassTimeAsync(world.ReadFailureAsync()));
        Assert.True(world.IsLeftAlone);
        Assert.Single(world.Log.Lines);
    }

    [Fact]
    public async Task The_log_says_once_that_it_fails_and_once_that_it_is_well()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Always(ScriptedXdms.Status(503));
        for (var i = 0; i < 20; i++)
            await world.ReadFailureAsync(Numbered(i));
        Assert.Contains("the XDMS answered 503", Assert.Single(world.Log.Lines).Text);

        world.Time.Advance(world.Options.BreakFor);
        world.Xdms.Serve("<list/>", "\"1\"");
        for (var i = 20; i < 40; i++)
            await world.ReadAsync(Numbered(i));

        Assert.Equal(2, world.Log.Lines.Count);
        Assert.StartsWith("The XDMS answers again", world.Log.Lines.Last().Text);
    }

    [Fact]
    public async Task The_log_says_once_that_a_document_is_refused()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Always(ScriptedXdms.Status(403));
        for (var i = 0; i < 5; i++)
        {
            await world.ReadFailureAsync();
            world.Time.Advance(world.Options.AbsentFor);
        }

        Assert.Equal(5, world.Xdms.Requests.Count);
        Assert.Contains("byGroupID/sip:skiers@groups.example.com", Assert.Single(world.Log.Lines).Text);
    }

    [Fact]
    public async Task Wrong_credentials_are_not_tried_for_each_document()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Always(ScriptedXdms.Status(401));

        for (var i = 0; i < 50; i++)
            await world.ReadFailureAsync(Numbered(i));

        Assert.InRange(world.Xdms.Requests.Count, 1, 3);
        Assert.True(world.Health.IsFailing);
    }

    [Fact]
    public async Task The_sweep_asks_a_failing_XDMS_for_one_document_only()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Serve("<list/>", "\"1\"");
        for (var i = 0; i < 10; i++)
            await world.ReadAsync(Numbered(i));
        world.Xdms.Always(ScriptedXdms.Status(500));
        world.Health.Fails("by a test");
        world.Time.Advance(world.Options.RevalidateAfter);

        await world.SweepAsync();
        Assert.Equal(11, world.Xdms.Requests.Count);
        world.Xdms.Serve("<list/>", "\"1\"");
        await world.SweepAsync();
        Assert.False(world.Health.IsFailing);
        await world.SweepAsync();

        // The one that was asked for in vain waits for its turn; nobody waits for it.
        Assert.Equal(12 + 8, world.Xdms.Requests.Count);
        Assert.Empty(world.Changes);
    }

    [Fact]
    public async Task One_that_comes_and_goes_never_loses_a_document_that_is_known()
    {
        await using var world = new RemoteWorld(options => options with { Retries = 1 });
        world.Xdms.Serve("<group/>", "\"1\"");
        await world.ReadAsync();
        var random = new Random(42);
        world.Xdms.Script = (_, to, _) => ScriptedXdms.WriteAsync(
            to, random.Next(3) == 0 ? ScriptedXdms.NotModified : ScriptedXdms.Status(500));

        for (var i = 0; i < 60; i++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal("<group/>", await world.PassTimeAsync(world.ReadTextAsync()));
        }

        Assert.Empty(world.Changes);
    }

    [Fact]
    public async Task A_node_that_stops_waits_for_no_XDMS()
    {
        await using var world = new RemoteWorld();
        world.Xdms.Script = (_, _, cancellation) => Task.Delay(Timeout.Infinite, cancellation);
        var read = world.ReadFailureAsync();
        await RemoteWorld.UntilAsync(() => world.Xdms.Requests.Count > 0);

        world.Documents.Dispose();

        Assert.Equal("the node stops", await read);
    }

    private static DocumentSelector Numbered(int number) =>
        new(ApplicationUsage.ResourceLists, $"sip:u{number}@example.com", "index");
}
