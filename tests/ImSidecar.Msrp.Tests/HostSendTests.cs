using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 4975 7.1.1, 7.1.2: what the host says on a leg that ends here, and what becomes of it.</summary>
public class HostSendTests
{
    private static readonly string _session = SwitchWorld.OurUri("alice").SessionId!;

    [Fact, Trait("Spec", "RFC 4975 7.1.1")]
    public async Task A_message_goes_out_with_its_identifier_and_is_settled_by_its_answer()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        alice.Answers = false;

        Assert.True(world.Switch.Send(_session, Message("hello", "defer-000452", successReport: true)));

        var send = await alice.ReadSendAsync();
        Assert.Equal(
            $"MSRP {send.Head.TransactionId} SEND\r\nTo-Path: {alice.Local}\r\n"
            + $"From-Path: {SwitchWorld.OurUri("alice")}\r\n"
            + "Message-ID: defer-000452\r\nSuccess-Report: yes\r\nFailure-Report: yes\r\nByte-Range: 1-5/5\r\n"
            + "Content-Type: text/plain\r\n",
            send.Head.ToString());
        Assert.Equal("hello", Encoding.UTF8.GetString(send.Body.Span));
        Assert.False(world.Switch.Events.TryPeek(out _));

        await AnswerAsync(alice, send, 200);
        Assert.Equal(Settled("defer-000452", 200), await world.NextEventAsync());

        await ReportAsync(alice, "defer-000452", new(1, 5, 5), 200);
        await ReportAsync(alice, "defer-000452", new(1, 5, 5), 200);
        await ReportAsync(alice, "unknown1", new(1, 5, 5), 200);
        Assert.Equal(new MsrpMessageReported(_session, "b1", "defer-000452", 200), await world.NextEventAsync());
        await NothingElseAsync(world, alice);
    }

    [Fact, Trait("Spec", "RFC 4975 5.1")]
    public async Task A_long_message_comes_in_chunks_and_is_settled_when_each_is_answered()
    {
        using var world = new SwitchWorld(new() { MaxChunkBytes = 1024 });
        var alice = await JoinAsync(world);
        var text = new string('x', 50_000);

        world.Switch.Send(_session, Message(text, "m001"));

        Assert.Equal(text, Encoding.ASCII.GetString(await Peer.ReassembleAsync(alice)));
        Assert.Equal(Settled("m001", 200), await world.NextEventAsync());
    }

    [Fact, Trait("Spec", "RFC 4975 10.5")]
    public async Task A_message_refused_under_way_is_not_sent_to_its_end()
    {
        using var world = new SwitchWorld(new() { MaxChunkBytes = 1024 });
        var alice = await JoinAsync(world);
        alice.Answers = false;
        world.Switch.Send(_session, Message(new string('x', 50_000), "m001"));
        var first = await alice.ReadSendAsync();

        await AnswerAsync(alice, first, 413);

        Assert.Equal(Settled("m001", 413), await world.NextEventAsync());
        for (var i = 0; i < 3; i++)
            Assert.Equal(MsrpFlag.More, (await alice.ReadSendAsync()).Flag);
        var end = await alice.ReadSendAsync();
        Assert.Equal((MsrpFlag.Abort, "m001"), (end.Flag, end.Head.MessageId));
        await NothingElseAsync(world, alice);
    }

    [Fact]
    public async Task A_message_larger_than_the_peer_takes_is_refused_unsent()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world, leg => leg with { MaxSize = 4 });

        Assert.True(world.Switch.Send(_session, Message("hello", "m001")));

        Assert.Equal(Settled("m001", 413), await world.NextEventAsync());
        await NothingElseAsync(world, alice);
    }

    [Fact, Trait("Spec", "IM D.2/A8-a")]
    public async Task A_frame_inside_a_message_ends_no_frame_around_it()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        var inner = "MSRP dkei38sd SEND\r\nTo-Path: a\r\n\r\nHi\r\n-------dkei38sd$\r\n\r\n-------dkei38sd$\r\n";

        world.Switch.Send(_session, Message(inner, "m001"));

        var send = await alice.ReadSendAsync();
        Assert.Equal(inner, Encoding.ASCII.GetString(send.Body.Span));
        Assert.NotEqual("dkei38sd", send.Head.TransactionId);
    }

    [Fact]
    public async Task What_had_no_answer_when_the_connection_was_lost_is_settled_once_and_can_be_sent_again()
    {
        using var world = new SwitchWorld(new() { MaxChunkBytes = 1024 });
        var alice = await JoinAsync(world);
        alice.Answers = false;
        world.Switch.Send(_session, Message(new string('x', 50_000), "m001"));
        world.Switch.Send(_session, Message("two", "m002"));
        await AnswerAsync(alice, await alice.ReadSendAsync(), 200);

        await alice.CloseAsync();

        var events = new List<MsrpLegEvent>();
        while (events.Count < 3)
            events.Add(await world.NextEventAsync());
        Assert.Contains(Settled("m001", 0), events);
        Assert.Contains(Settled("m002", 0), events);
        Assert.IsType<MsrpLegLost>(events[2]);

        Assert.True(world.Switch.Send(_session, Message("again", "m001")));
        var back = world.Connect("alice");
        await SwitchWorld.BindAsync(back);
        Assert.IsType<MsrpLegConnected>(await world.NextEventAsync());
        Assert.Equal("again", Encoding.ASCII.GetString((await back.ReadSendAsync()).Body.Span));
        Assert.Equal(Settled("m001", 200), await world.NextEventAsync());
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.1")]
    public async Task A_peer_that_does_not_answer_in_time_settles_it_too()
    {
        using var world = new SwitchWorld(new() { KeepAlive = TimeSpan.Zero });
        var alice = await JoinAsync(world);
        alice.Answers = false;
        world.Switch.Send(_session, Message("hello?", "m001"));
        var send = await alice.ReadSendAsync();

        await world.PassAsync(world.Options.TransactionTimeout + TimeSpan.FromSeconds(1));
        world.Switch.Supervise();

        Assert.Equal(Settled("m001", 0), await world.NextEventAsync());
        Assert.IsType<MsrpLegUnresponsive>(await world.NextEventAsync());
        await AnswerAsync(alice, send, 200);
        await NothingElseAsync(world, alice);
    }

    [Fact]
    public async Task A_closed_leg_settles_what_was_under_way_and_takes_nothing_more()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        alice.Answers = false;
        world.Switch.Send(_session, Message("hello", "m001"));
        await alice.ReadSendAsync();

        world.Switch.CloseLeg(_session);

        Assert.Equal(Settled("m001", 0), await world.NextEventAsync());
        Assert.False(world.Switch.Send(_session, Message("hello", "m002")));
    }

    [Fact]
    public async Task Too_many_at_once_and_the_same_one_twice_are_not_taken()
    {
        using var world = new SwitchWorld(new() { MaxOpenMessages = 2 });
        var alice = await JoinAsync(world);
        alice.Answers = false;

        Assert.True(world.Switch.Send(_session, Message("1", "m001")));
        Assert.False(world.Switch.Send(_session, Message("1", "m001")));
        Assert.True(world.Switch.Send(_session, Message("2", "m002", successReport: true)));
        Assert.False(world.Switch.Send(_session, Message("3", "m003")));

        await AnswerAsync(alice, await alice.ReadSendAsync(), 200);
        await AnswerAsync(alice, await alice.ReadSendAsync(), 200);
        Assert.Equal(Settled("m001", 200), await world.NextEventAsync());
        Assert.Equal(Settled("m002", 200), await world.NextEventAsync());
        Assert.True(world.Switch.Send(_session, Message("3", "m003")));
        Assert.True(world.Switch.Send(_session, Message("4", "m004")));
        Assert.False(world.Switch.Send(_session, Message("5", "m005")));
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.2")]
    public async Task Reports_of_the_parts_make_one_of_the_whole_and_a_failure_is_told_at_once()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        world.Switch.Send(_session, Message("hello", "m001", successReport: true));
        await alice.ReadSendAsync();
        Assert.Equal(Settled("m001", 200), await world.NextEventAsync());

        await ReportAsync(alice, "m001", new(1, 2, 5), 200);
        await ReportAsync(alice, "m001", new(4, 5, 5), 200);
        await NothingElseAsync(world, alice);
        await ReportAsync(alice, "m001", new(3, 5, 5), 200);
        Assert.Equal(new MsrpMessageReported(_session, "b1", "m001", 200), await world.NextEventAsync());

        world.Switch.Send(_session, Message("hello", "m002", successReport: true));
        await alice.ReadSendAsync();
        Assert.Equal(Settled("m002", 200), await world.NextEventAsync());
        await ReportAsync(alice, "m002", new(1, null, 5), 408);
        Assert.Equal(new MsrpMessageReported(_session, "b1", "m002", 408), await world.NextEventAsync());
    }

    [Fact]
    public async Task Only_a_leg_that_ends_here_is_spoken_to_by_the_host()
    {
        using var world = new SwitchWorld();
        await world.JoinAsync("alice");

        Assert.False(world.Switch.Send(_session, Message("hello", "m001")));
        Assert.False(world.Switch.Send("unknown", Message("hello", "m001")));
        Assert.Throws<ArgumentException>(() => world.Switch.Send(_session, Message("hello", "m\r\n1")));
        Assert.Throws<ArgumentException>(() => world.Switch.Send(_session, Message("hello", "452")));
    }

    private static Task<Peer> JoinAsync(SwitchWorld world, Func<MsrpLeg, MsrpLeg>? change = null) =>
        world.JoinAsync("alice", leg => (change ?? (same => same))(leg with { EndsHere = true }));

    private static MsrpMessage Message(string text, string id, bool successReport = false) => new()
    {
        MessageId = id,
        ContentType = "text/plain",
        Body = Encoding.ASCII.GetBytes(text),
        SuccessReport = successReport,
    };

    private static MsrpMessageSettled Settled(string id, int status) => new(_session, "b1", id, status);

    private static Task AnswerAsync(Peer peer, MsrpFrame send, int status) =>
        peer.WriteAsync(output => MsrpWriter.TryWriteResponse(output, send.Head, status));

    private static Task ReportAsync(Peer peer, string id, ByteRange range, int status) =>
        peer.WriteAsync(output => MsrpWriter.WriteReport(output, MsrpIdent.Fresh(), peer.Paths, id, range, status));

    private static async Task NothingElseAsync(SwitchWorld world, Peer peer)
    {
        await peer.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, peer.Paths, "last1"));
        Assert.Equal("last1", (await peer.ReadAsync())!.Head.TransactionId);
        Assert.False(world.Switch.Events.TryPeek(out _));
    }
}
