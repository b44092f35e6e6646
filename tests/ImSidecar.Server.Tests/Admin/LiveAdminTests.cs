extern alias ctl;

using System.IO.Pipes;
using System.Text.Json;
using ctl::ImSidecar.Cli.Terminal;
using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Msrp;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>imsidecarctl conferences watch and trace: what goes on, told while it does.</summary>
public sealed class LiveAdminTests : IAsyncLifetime
{
    private AdminHost? _host;

    private AdminHost Host => _host!;

    private ScriptedLink Node => Host.Node;

    public async ValueTask InitializeAsync() => _host = await AdminHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    [Fact]
    public async Task Who_watches_all_sees_a_session_begin_and_people_join_and_leave()
    {
        await using var watch = Host.Begin("conferences", "watch");
        await watch.LineAsync("watching", "0 conferences, 0 participants");

        var id = await SessionScene.BeginAsync(Node);
        await watch.LineAsync("began", "ad-hoc", id);
        await watch.LineAsync("invited", "sip:carol@example.com", id);
        await watch.LineAsync("joined", "sip:bob@example.com", id);

        await SessionScene.AcknowledgeAsync(Node);
        await Host.ControlAsync("conferences", "release", id);
        await watch.LineAsync("changed", "releasing", id);
        Assert.Equal(0, await watch.InterruptAsync());
    }

    [Fact]
    public async Task Who_watches_one_sees_it_whole_first_and_then_what_changes_as_json_lines()
    {
        var id = await SessionScene.BeginAsync(Node);
        await SessionScene.AcknowledgeAsync(Node);
        await using var watch = Host.Begin("conferences", "watch", id, "--json");
        using var first = JsonDocument.Parse(await watch.LineAsync("\"now\""));
        Assert.Equal(3, first.RootElement.GetProperty("now").GetProperty("participants").GetArrayLength());

        await Host.ControlAsync("conferences", "expel", id, "sip:bob@example.com");
        using var altered = JsonDocument.Parse(await watch.LineAsync("altered", "bob"));
        Assert.Equal("ending", altered.RootElement.GetProperty("altered").GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_trace_tells_what_comes_in_what_is_decided_and_what_goes_out_but_no_body()
    {
        var id = await SessionScene.BeginAsync(Node);
        await SessionScene.AcknowledgeAsync(Node);
        await using var trace = Host.Begin("conferences", "trace", id);
        await UntilAsync(() => Node.Directory.Traces.AreSeen(id));

        await Host.ControlAsync("conferences", "expel", id, "sip:bob@example.com", "--reason", "Spam");
        await trace.LineAsync("->|", "expel", "sip:bob@example.com", "by the operator Spam");
        await trace.LineAsync("revision", "p2 active -> ending");
        await trace.LineAsync("|->", "BYE", "p2", "SIP;cause=403;text=\"Spam\"", "Call-ID ");

        var bye = (await Node.NextAsync(each => each.Originate?.Method == "BYE")).Originate;
        await Node.SendAsync(ScriptedLink.Answers(bye, 200));
        await trace.LineAsync("->|", "200 BYE", "p2");
        await trace.LineAsync("|->", "CloseLeg");
        await SessionScene.SubscribeAsync(Node, (Core.Conferences.Conference)Node.Router.Peek(new(id))!);
        await trace.LineAsync("->|", "SUBSCRIBE", "Event: conference");
        await trace.LineAsync("|->", "NOTIFY", "active;expires=600, full state, version 0");
        Assert.DoesNotContain("v=0", trace.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("<?xml", trace.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_message_says_is_in_no_line_of_a_trace()
    {
        var secret = "secret"u8.ToArray();
        var arrived = new MsrpMessageArrived("0123456789abcdef", "x", 1, "m", "text/plain", secret, secret);

        var item = Assert.Single(Server.Admin.TraceText.Of(new LegTraced(DateTimeOffset.UnixEpoch, arrived), null));

        Assert.Equal(("leg", "MsrpMessageArrived", "01234567"), (item.Kind, item.What, item.Detail));
        Assert.DoesNotContain("secret", item.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_a_trace_holds_no_more_than_it_shows()
    {
        var order = new ReleaseOrdered(new string('x', 10_000));

        var item = Assert.Single(Server.Admin.TraceText.Of(
            new DecisionTraced(DateTimeOffset.UnixEpoch, order, null, null), null));

        Assert.Equal(512, item.Detail.Length);
    }

    [Fact]
    public async Task Who_missed_the_end_of_a_session_hears_of_it_and_what_he_was_told_ends()
    {
        var id = await SessionScene.BeginAsync(Node);
        var conference = (Conference)Node.Router.Peek(new(id))!;
        Assert.True(Node.Directory.Watches.TryAdd(id, out var watch));
        Assert.True(Node.Directory.Traces.TryAdd(id, out var trace));
        for (var number = 0; number < 1024; number++)
            Node.Directory.Watches.Tell(id, new(DateTimeOffset.UnixEpoch, conference, conference));

        Node.Directory.Change(conference, null, TimeProvider.System);

        Assert.Equal(1, watch.TakeMissed());
        while (watch.News.TryRead(out _))
        {
        }

        Assert.False(await watch.News.WaitToReadAsync(TestContext.Current.CancellationToken));
        Assert.False(await trace.News.WaitToReadAsync(TestContext.Current.CancellationToken));
    }

    [Theory, InlineData("watch", "ended"), InlineData("trace", "")]
    public async Task Who_looks_on_at_one_session_is_let_go_when_it_is_forgotten(string command, string last)
    {
        var id = await SessionScene.BeginAsync(Node);
        var conference = (Conference)Node.Router.Peek(new(id))!;
        await using var live = Host.Begin("conferences", command, id);
        await UntilAsync(() => Node.Directory.Watches.AreSeen(id) || Node.Directory.Traces.AreSeen(id));

        Node.Directory.Change(conference, null, TimeProvider.System);

        Assert.Equal(0, await live.EndAsync());
        Assert.Contains(last, live.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_reads_any_more_ends()
    {
        var isRead = true;
        await using var watch = Host.Begin(() => Volatile.Read(ref isRead), "conferences", "watch");
        await watch.LineAsync("watching");

        Volatile.Write(ref isRead, false);

        Assert.Equal(0, await watch.EndAsync());
    }

    [Fact]
    public void A_pipe_without_a_reader_is_noticed()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        var reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        var descriptor = (int)pipe.SafePipeHandle.DangerousGetHandle();

        Assert.True(OutputPipe.IsRead(descriptor));
        reader.Dispose();
        Assert.False(OutputPipe.IsRead(descriptor));
    }

    [Fact]
    public async Task Sip_that_no_Kamailio_takes_is_said_to_wait()
    {
        var id = await SessionScene.BeginAsync(Node);
        await using var trace = Host.Begin("conferences", "trace", id);
        await UntilAsync(() => Node.Directory.Traces.AreSeen(id));
        Node.Detach();

        await Host.ControlAsync("conferences", "expel", id, "sip:bob@example.com");

        await trace.LineAsync("BYE", "(waits: no Kamailio is attached)");
    }

    [Fact]
    public async Task Too_many_who_look_on_are_refused_and_one_who_goes_makes_room()
    {
        var id = await SessionScene.BeginAsync(Node);
        List<Onlooker<TraceItem>> others = [];
        for (var number = 0; number < Onlookers<TraceItem>.Most; number++)
        {
            Assert.True(Node.Directory.Traces.TryAdd(id, out var onlooker));
            others.Add(onlooker);
        }

        Assert.Equal(
            (1, "", "imsidecarctl: 16 traces are enough: end one of them\n"),
            await Host.ControlAsync("conferences", "trace", id));

        others[0].Dispose();
        await using var trace = Host.Begin("conferences", "trace", id);
        await UntilAsync(() => !Node.Directory.Traces.TryAdd(id, out _));
        foreach (var other in others)
            other.Dispose();
    }

    [Fact]
    public void Who_does_not_read_misses_what_there_is_no_room_for_and_is_told_how_much()
    {
        var onlookers = new Onlookers<int>();
        Assert.False(onlookers.AreSeen("a"));
        Assert.True(onlookers.TryAdd("a", out var slow));
        Assert.True(onlookers.TryAdd(null, out var all));

        for (var number = 0; number < 1500; number++)
            onlookers.Tell("a", number);
        onlookers.Tell("b", 7);

        Assert.Equal((1024, 476), (slow.News.Count, slow.TakeMissed()));
        Assert.Equal((477, 0), (all.TakeMissed(), slow.TakeMissed()));
        Assert.False(slow.Sees("b"));
        slow.Dispose();
        all.Dispose();
        Assert.False(onlookers.AreSeen("a"));
    }

    [Fact]
    public void Ids_are_found_in_order_behind_any_place()
    {
        var ids = new HeldIds();
        Assert.Empty(ids.After("", 10));
        foreach (var id in new[] { "c", "a", "d", "b" })
            ids.Add(id);

        Assert.Equal(["a", "b"], ids.After("", 2));
        Assert.Equal(["c", "d"], ids.After("b", 5));
        Assert.Equal(["c"], ids.After("bb", 1));
        Assert.Empty(ids.After("d", 5));
        ids.Remove("d");
        Assert.Empty(ids.After("c", 5));
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isSo())
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
