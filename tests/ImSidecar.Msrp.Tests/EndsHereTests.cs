using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 4975 7.3: what the peer of a leg that ends here says, the host gets whole and answers for.</summary>
public class EndsHereTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");

    [Fact, Trait("Spec", "RFC 4975 7.3.1")]
    public async Task A_message_comes_whole_with_its_head_and_is_answered_when_the_host_has()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);

        var transaction = await alice.SendAsync("hello"u8.ToArray(), "m001", new(1, 5, 5), contentType: "text/plain");

        var arrived = await NextAsync(world);
        Assert.Equal(("m001", "text/plain", "hello"), (arrived.MessageId, arrived.ContentType, Text(arrived)));
        Assert.Equal(
            $"MSRP {transaction} SEND\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\nFrom-Path: {alice.Local}\r\n"
            + "Message-ID: m001\r\nByte-Range: 1-5/5\r\nContent-Type: text/plain\r\n",
            Encoding.UTF8.GetString(arrived.Head.Span));
        await StaysUnansweredAsync(alice);

        world.Switch.AnswerMessage(arrived.SessionId, arrived.Token, MsrpStatus.Ok);
        Assert.Equal((200, transaction), await alice.ReadAnswerAsync());
        world.Switch.AnswerMessage(arrived.SessionId, arrived.Token, MsrpStatus.Ok);
        await StaysUnansweredAsync(alice);
    }

    [Theory, Trait("Spec", "RFC 4975 7.3.1")]
    [InlineData(1), InlineData(7), InlineData(1000)]
    public async Task Chunks_are_answered_as_they_come_and_only_the_last_waits(int size)
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        var body = Peer.Cpim(new string('x', 100), _alice, SwitchWorld.Aor("bob"));

        for (var start = 0; start < body.Length; start += size)
        {
            var part = body.AsMemory(start, Math.Min(size, body.Length - start));
            var isLast = start + part.Length == body.Length;
            await alice.SendAsync(
                part, "m001", new(start + 1, null, isLast ? body.Length : null),
                isLast ? MsrpFlag.Last : MsrpFlag.More);
            if (!isLast)
                Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        }

        var arrived = await NextAsync(world);
        Assert.Equal(body, arrived.Body.ToArray());
        await StaysUnansweredAsync(alice);
        world.Switch.AnswerMessage(arrived.SessionId, arrived.Token, 480, "Not now");
        Assert.Equal(480, (await alice.ReadAnswerAsync()).Status);
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.2")]
    public async Task The_success_report_follows_the_answer_and_a_refusal_has_none()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        await SendAsync(alice, "one", "m001", successReport: true);
        var first = await NextAsync(world);
        world.Switch.AnswerMessage(first.SessionId, first.Token, MsrpStatus.Ok);
        await SendAsync(alice, "two", "m002", successReport: true);
        var second = await NextAsync(world);
        world.Switch.AnswerMessage(second.SessionId, second.Token, MsrpStatus.StopSending, "Full");
        await alice.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, alice.Paths, "last1"));

        Assert.Equal(200, (await alice.ReadAsync())!.Head.Status);
        var report = (await alice.ReadAsync())!.Head;
        Assert.Equal((MsrpMethod.Report, "m001", 200), (report.Method, report.MessageId, report.ReportStatus));
        Assert.Equal(new ByteRange(1, 3, 3), report.Range);
        Assert.Equal(413, (await alice.ReadAsync())!.Head.Status);
        Assert.Equal("last1", (await alice.ReadAsync())!.Head.TransactionId);
    }

    [Theory, Trait("Spec", "RFC 4975 7.1.2")]
    [InlineData(FailureReport.No, 200, false), InlineData(FailureReport.No, 413, false)]
    [InlineData(FailureReport.Partial, 200, false), InlineData(FailureReport.Partial, 413, true)]
    [InlineData(FailureReport.Yes, 200, true), InlineData(FailureReport.Yes, 413, true)]
    public async Task Who_wants_no_answer_gets_none(FailureReport wish, int status, bool isAnswered)
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        await SendAsync(alice, "one", "m001", failureReport: wish);
        var arrived = await NextAsync(world);

        world.Switch.AnswerMessage(arrived.SessionId, arrived.Token, status);

        await alice.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, alice.Paths, "last1"));
        if (isAnswered)
            Assert.Equal(status, (await alice.ReadAnswerAsync()).Status);
        Assert.Equal((200, "last1"), await alice.ReadAnswerAsync());
    }

    [Fact]
    public async Task An_aborted_message_never_arrives_and_may_be_sent_again()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        await alice.SendAsync("hel"u8.ToArray(), "m001", new(1, null, 5), MsrpFlag.More, "text/plain");
        await alice.SendAsync("l"u8.ToArray(), "m001", new(4, null, 5), MsrpFlag.Abort, "text/plain");
        await SendAsync(alice, "other", "m001");

        Assert.Equal("other", Text(await NextAsync(world)));
    }

    [Fact, Trait("Spec", "RFC 4975 7.3.1")]
    public async Task Of_bytes_that_come_twice_the_later_count_and_a_message_begun_again_is_a_new_one()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        await alice.SendAsync("abcXXX"u8.ToArray(), "m001", new(1, null, 8), MsrpFlag.More, "text/plain");
        await alice.SendAsync("defgh"u8.ToArray(), "m001", new(4, null, 8), MsrpFlag.Last, "text/plain");
        Assert.Equal("abcdefgh", Text(await NextAsync(world)));

        await alice.SendAsync("abcXXX"u8.ToArray(), "m002", new(1, null, 8), MsrpFlag.More, "text/plain");
        await alice.SendAsync("new"u8.ToArray(), "m002", new(1, 3, 3), MsrpFlag.Last, "text/plain");
        Assert.Equal("new", Text(await NextAsync(world)));
    }

    [Fact]
    public async Task What_has_a_gap_or_ends_before_its_size_is_answered_400()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        await alice.SendAsync("abc"u8.ToArray(), "m001", new(1, null, 8), MsrpFlag.More, "text/plain");
        await alice.SendAsync("fgh"u8.ToArray(), "m001", new(6, null, 8), MsrpFlag.Last, "text/plain");
        await alice.SendAsync("abc"u8.ToArray(), "m002", new(1, null, 8), MsrpFlag.Last, "text/plain");
        await alice.SendAsync("abcdef"u8.ToArray(), "m003", new(1, null, null), MsrpFlag.More, "text/plain");
        await alice.SendAsync("d"u8.ToArray(), "m003", new(3, null, null), MsrpFlag.Last, "text/plain");

        Assert.Equal([200, 400, 400, 200, 400], await AnswersAsync(alice, 5));
    }

    [Fact, Trait("Spec", "RFC 4975 10.5"), Trait("Spec", "RFC 4975 8.6")]
    public async Task What_is_too_large_or_of_a_type_we_did_not_offer_is_refused()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world, leg => leg with { MaxIncomingBytes = 200 });

        await alice.SendAsync(new byte[10], "m001", new(1, 10, 201), MsrpFlag.More, "text/plain");
        await alice.SendAsync(new byte[150], "m002", new(1, null, null), MsrpFlag.More, "text/plain");
        await alice.SendAsync(new byte[51], "m002", new(151, null, null), MsrpFlag.More, "text/plain");
        await alice.SendAsync(new byte[1], "m002", new(202, null, null), MsrpFlag.Last, "text/plain");
        await SendAsync(alice, "x", "m003", type: "image/png");
        await SendAsync(alice, Cpim("image/png", _alice), "m004", type: "message/cpim");
        await SendAsync(alice, Cpim("text/plain", SwitchWorld.Aor("mallory")), "m005", type: "message/cpim");
        await SendAsync(alice, "no header", "m006", type: "message/cpim");
        Assert.Equal([413, 200, 413, 413, 415, 415, 403, 400], await AnswersAsync(alice, 8));

        await SendAsync(alice, Cpim("text/plain", _alice), "m007", type: "message/cpim");
        Assert.Equal("m007", (await NextAsync(world)).MessageId);
    }

    [Fact]
    public async Task Other_methods_and_sessions_are_refused_and_who_said_he_sends_nothing_too()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world, leg => leg with { Sends = false });
        await SendAsync(alice, "x", "m001");
        await alice.WriteAsync(
            $"MSRP a1 SING\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\nFrom-Path: {alice.Local}\r\n-------a1$\r\n");
        await alice.WriteAsync(
            $"MSRP a2 SEND\r\nTo-Path: {SwitchWorld.OurUri("nobody")}\r\nFrom-Path: {alice.Local}\r\n"
            + "Message-ID: m002\r\n-------a2$\r\n");

        Assert.Equal([403, 501, 481], await AnswersAsync(alice, 3));
    }

    [Fact]
    public async Task Who_sends_much_waits_in_his_connection_and_nobody_else_does()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        var bob = await JoinAsync(world, name: "bob");
        for (var i = 0; i < 12; i++)
            await SendAsync(alice, "x" + i, "m10" + i);

        var waiting = new Queue<MsrpMessageArrived>();
        for (var i = 0; i < 8; i++)
            waiting.Enqueue(await NextAsync(world));

        await SendAsync(bob, "hello", "b001");
        Assert.Equal("b001", (await NextAsync(world)).MessageId);
        Assert.False(world.Switch.Events.TryPeek(out _));
        for (var i = 8; i < 12; i++)
        {
            var oldest = waiting.Dequeue();
            world.Switch.AnswerMessage(oldest.SessionId, oldest.Token, MsrpStatus.Ok);
            Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
            waiting.Enqueue(await NextAsync(world));
            Assert.Equal("x" + i, Text(waiting.Last()));
        }
    }

    [Fact]
    public async Task All_together_hold_no_more_than_they_may()
    {
        using var world = new SwitchWorld(new() { MaxHeldBytes = 64 * 1024 });
        var alice = await JoinAsync(world);
        var bob = await JoinAsync(world, name: "bob");
        await SendAsync(alice, new string('a', 60_000), "m001");
        var first = await NextAsync(world);

        await SendAsync(bob, new string('b', 6000), "b001");
        Assert.Equal([408], await AnswersAsync(bob, 1));
        await SendAsync(bob, "small", "b002");
        Assert.Equal("b002", (await NextAsync(world)).MessageId);

        world.Switch.AnswerMessage(first.SessionId, first.Token, MsrpStatus.Ok);
        await SendAsync(bob, new string('b', 6000), "b003");
        Assert.Equal("b003", (await NextAsync(world)).MessageId);
    }

    [Fact]
    public async Task What_was_begun_and_left_gives_its_memory_back()
    {
        using var world = new SwitchWorld(new() { MaxHeldBytes = 64 * 1024 });
        for (var i = 0; i < 5; i++)
        {
            var alice = await JoinAsync(world);
            await alice.SendAsync(new byte[40_000], "m001", new(1, null, null), MsrpFlag.More, "text/plain");
            await alice.ReadAnswerAsync();
            await SendAsync(alice, new string('x', 10_000), "m002");
            await NextAsync(world);
            await alice.CloseAsync();
            Assert.IsType<MsrpLegLost>(await world.NextEventAsync());
            world.Switch.CloseLeg(SwitchWorld.OurUri("alice").SessionId!);
        }
    }

    [Fact]
    public async Task Many_interrupted_messages_take_no_more_than_the_largest_one_may()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world, leg => leg with { MaxIncomingBytes = 10_000 });
        foreach (var id in new[] { "m001", "m002", "m003" })
            await alice.SendAsync(new byte[4000], id, new(1, null, 4001), MsrpFlag.More, "text/plain");

        await alice.SendAsync(new byte[1], "m001", new(4001, null, 4001), MsrpFlag.Last, "text/plain");
        await alice.SendAsync(new byte[1], "m003", new(4001, null, 4001), MsrpFlag.Last, "text/plain");

        Assert.Equal([200, 200, 200, 400], await AnswersAsync(alice, 4));
        Assert.Equal("m003", (await NextAsync(world)).MessageId);
    }

    [Fact]
    public async Task A_host_that_never_answers_holds_nobody_up_for_ever()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        await SendAsync(alice, "x", "m001");
        await NextAsync(world);

        await world.PassAsync(world.Options.TransactionTimeout + TimeSpan.FromSeconds(1));
        world.Switch.Supervise();

        Assert.Equal([408], await AnswersAsync(alice, 1));
    }

    [Fact]
    public async Task Nobody_in_the_bridge_of_that_name_hears_it()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var carol = await JoinAsync(world, name: "carol");

        await SwitchWorld.StillTalkAsync(peers[0], peers[1]);
        await SendAsync(carol, "mine", "m001");
        Assert.Equal("mine", Text(await NextAsync(world)));

        world.Switch.CloseLeg(SwitchWorld.OurUri("carol").SessionId!);
        await SwitchWorld.StillTalkAsync(peers[0], peers[1]);
    }

    [Fact]
    public async Task However_the_bytes_are_cut_the_message_is_the_same()
    {
        using var world = new SwitchWorld();
        var alice = await JoinAsync(world);
        var frames = Encoding.ASCII.GetBytes(
            $"MSRP t1aa SEND\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\nFrom-Path: {alice.Local}\r\n"
            + "Message-ID: m001\r\nByte-Range: 1-*/26\r\nContent-Type: text/plain\r\n\r\n"
            + "abc\r\n-------x\r\n-------t1aa+\r\n"
            + $"MSRP t2aa SEND\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\nFrom-Path: {alice.Local}\r\n"
            + "Message-ID: m001\r\nByte-Range: 14-*/26\r\nContent-Type: text/plain\r\n\r\n"
            + "\r\n-------t1aa\r\n-------t2aa$\r\n");
        for (var cut = 1; cut < frames.Length; cut += 3)
        {
            await alice.WriteAsync(frames.AsMemory(0, cut));
            await alice.WriteAsync(frames.AsMemory(cut));

            var arrived = await NextAsync(world);
            Assert.Equal("abc\r\n-------x\r\n-------t1aa", Text(arrived));
            world.Switch.AnswerMessage(arrived.SessionId, arrived.Token, MsrpStatus.Ok);
            Assert.Equal([200, 200], await AnswersAsync(alice, 2));
        }
    }

    [Fact]
    public async Task Damaged_messages_harm_only_their_connection_and_leave_nothing_held()
    {
        using var world = new SwitchWorld(new() { MaxHeldBytes = 64 * 1024 });
        var random = new Random(4975);
        var template = Encoding.ASCII.GetBytes(
            $"MSRP t1aa SEND\r\nTo-Path: {SwitchWorld.OurUri("mallory")}\r\n"
            + $"From-Path: {SwitchWorld.PeerUri("mallory")}\r\n"
            + "Message-ID: m9z8\r\nByte-Range: 1-900/2000\r\nContent-Type: text/plain\r\n\r\n"
            + new string('x', 900) + "\r\n-------t1aa+\r\n");
        for (var round = 0; round < 300; round++)
        {
            world.Switch.OpenLeg(Ends("mallory", leg => leg));
            var mallory = world.Connect("mallory");
            await mallory.WriteAsync(Damage(template, random));
            await mallory.CloseAsync();
        }

        await world.ConnectionsEndedAsync();
        while (world.Switch.Events.TryRead(out _))
        {
        }

        var alice = await JoinAsync(world);
        await SendAsync(alice, new string('a', 64 * 1024), "m001");
        Assert.Equal(64 * 1024, (await NextAsync(world)).Body.Length);
    }

    private static byte[] Damage(byte[] template, Random random)
    {
        var bytes = template.ToArray();
        for (var i = random.Next(0, 4); i > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)"\r\n-$+#:*/ 19az\0\xFF"[random.Next(16)];

        return bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)];
    }

    private static MsrpLeg Ends(string name, Func<MsrpLeg, MsrpLeg> change) => change(SwitchWorld.Leg(name) with
    {
        EndsHere = true,
        TakenTypes = ["message/cpim", "text/plain"],
        TakenWrappedTypes = ["text/plain"],
    });

    private static Task<Peer> JoinAsync(
        SwitchWorld world, Func<MsrpLeg, MsrpLeg>? change = null, string name = "alice") =>
        world.JoinAsync(name, _ => Ends(name, change ?? (leg => leg)));

    private static Task<string> SendAsync(
        Peer peer, string text, string id, bool successReport = false, FailureReport failureReport = FailureReport.Yes,
        string type = "text/plain") =>
        peer.SendAsync(
            Encoding.ASCII.GetBytes(text), id, new(1, text.Length, text.Length), MsrpFlag.Last, type, successReport,
            failureReport);

    private static string Cpim(string type, string from) =>
        Encoding.ASCII.GetString(Peer.Cpim("x", from, SwitchWorld.Aor("bob"), type));

    private static async Task<MsrpMessageArrived> NextAsync(SwitchWorld world) =>
        Assert.IsType<MsrpMessageArrived>(await world.NextEventAsync());

    private static string Text(MsrpMessageArrived arrived) => Encoding.UTF8.GetString(arrived.Body.Span);

    private static async Task<List<int>> AnswersAsync(Peer peer, int count)
    {
        var answers = new List<int>();
        while (answers.Count < count)
            answers.Add((await peer.ReadAnswerAsync()).Status);

        return answers;
    }

    // What comes next is the answer to something later.
    private static async Task StaysUnansweredAsync(Peer peer)
    {
        await peer.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, peer.Paths, "later1"));
        Assert.Equal((200, "later1"), await peer.ReadAnswerAsync());
    }
}
