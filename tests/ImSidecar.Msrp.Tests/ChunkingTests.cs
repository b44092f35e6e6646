using System.Buffers;
using System.Text;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 4975 5.1, 7.1.1, 7.3.1: messages in chunks, whole and interleaved.</summary>
public class ChunkingTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");

    [Fact]
    public async Task An_interrupted_message_arrives_whole_under_one_identifier()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        var body = Peer.Cpim(new string('x', 9000), _alice, SwitchWorld.Group);

        for (var start = 0; start < body.Length; start += 2048)
        {
            var part = body.AsMemory(start, Math.Min(2048, body.Length - start));
            var isLast = start + part.Length == body.Length;
            await peers[0].SendAsync(
                part, "m1", new(start + 1, null, body.Length), isLast ? MsrpFlag.Last : MsrpFlag.More);
            Assert.Equal(200, (await peers[0].ReadAnswerAsync()).Status);
        }

        foreach (var peer in peers.Skip(1))
            Assert.Equal(body, await Peer.ReassembleAsync(peer));
    }

    [Fact]
    public async Task Chunks_of_several_messages_may_be_interleaved()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        var first = Peer.Cpim(new string('1', 3000), _alice, SwitchWorld.Group);
        var second = Peer.Cpim(new string('2', 3000), _alice, SwitchWorld.Group);

        await peers[0].SendAsync(first.AsMemory(0, 1000), "m1", new(1, 1000, null), MsrpFlag.More);
        await peers[0].SendAsync(second.AsMemory(0, 1500), "m2", new(1, 1500, null), MsrpFlag.More);
        await peers[0].SayAsync("between", _alice, SwitchWorld.Group);
        await peers[0].SendAsync(first.AsMemory(1000), "m1", new(1001, null, first.Length));
        await peers[0].SendAsync(second.AsMemory(1500), "m2", new(1501, null, second.Length));

        var messages = new Dictionary<string, byte[]>();
        for (var whole = 0; whole < 3;)
        {
            var frame = await peers[1].ReadSendAsync();
            var before = messages.GetValueOrDefault(frame.Head.MessageId, []);
            Assert.Equal(before.Length + 1, frame.Head.Range!.Value.Start);
            messages[frame.Head.MessageId] = [.. before, .. frame.Body.Span];
            whole += frame.Flag == MsrpFlag.Last ? 1 : 0;
        }

        Assert.Equal(3, messages.Count);
        Assert.Contains(messages.Values, each => each.AsSpan().SequenceEqual(first));
        Assert.Contains(messages.Values, each => each.AsSpan().SequenceEqual(second));
    }

    [Fact]
    public async Task A_header_block_in_pieces_is_forwarded_only_when_it_is_whole()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim("hello", _alice, SwitchWorld.Group, withTime: false);

        for (var i = 0; i < body.Length; i++)
        {
            var isLast = i == body.Length - 1;
            await peers[0].SendAsync(
                body.AsMemory(i, 1), "m1", new(i + 1, i + 1, body.Length), isLast ? MsrpFlag.Last : MsrpFlag.More);
        }

        var whole = await Peer.ReassembleAsync(peers[1]);
        Assert.Equal(CpimResult.Read, CpimReader.Read(whole, out var head));
        Assert.Equal("2026-11-20T09:30:00.000Z", head.Find("DateTime"));
        Assert.Equal("hello", Encoding.UTF8.GetString(whole.AsSpan(head.Length)));
    }

    [Fact]
    public async Task A_missing_time_is_put_in_and_the_ranges_follow()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        var body = Peer.Cpim(new string('x', 100_000), _alice, SwitchWorld.Group, withTime: false);

        await peers[0].SendAsync(body, "m1", new(1, null, body.Length));

        var whole = await Peer.ReassembleAsync(peers[1]);
        Assert.Equal(body.Length + "DateTime: 2026-11-20T09:30:00.000Z\r\n".Length, whole.Length);
        Assert.Equal(CpimResult.Read, CpimReader.Read(whole, out var head));
        Assert.True(head.HasDateTime);
    }

    [Fact]
    public async Task A_long_open_chunk_flows_on_in_chunks_of_at_most_64_KiB_without_being_held()
    {
        const int Length = 10_000_000;
        using var world = new SwitchWorld(new() { LagTolerance = Peer.Patience });
        var peers = await world.JoinAsync("alice", "bob", "carol");
        var head = Peer.Cpim("", _alice, SwitchWorld.Group, "application/octet-stream");
        var got = new long[2];

        await peers[0].WriteAsync(
            $"MSRP long1 SEND\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\nFrom-Path: {peers[0].Local}\r\n"
            + "Message-ID: m1\r\nByte-Range: 1-*/*\r\nContent-Type: message/cpim\r\n\r\n"
            + Encoding.ASCII.GetString(head));
        var bob = ReadWholeAsync(peers[1], head.Length + Length, got, 0);
        var carol = ReadWholeAsync(peers[2], head.Length + Length, got, 1);
        var piece = new byte[50_000];
        new Random(1).NextBytes(piece);
        for (var sent = 0; sent < Length; sent += piece.Length)
        {
            await peers[0].WriteAsync(piece);

            // What is neither with the sender nor with the slower of the two is all that can be held.
            Assert.True(sent - Math.Min(Interlocked.Read(ref got[0]), Interlocked.Read(ref got[1])) < 1_500_000);
        }

        Assert.False(bob.IsCompleted);
        await peers[0].WriteAsync("\r\n-------long1$\r\n");

        Assert.Equal((200, "long1"), await peers[0].ReadAnswerAsync());
        Assert.True(await bob > Length / 65_536);
        await carol;
    }

    [Fact]
    public async Task A_message_begun_again_replaces_the_first_try()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim("hello again", _alice, SwitchWorld.Group);

        await peers[0].SendAsync(body.AsMemory(0, body.Length - 3), "m1", new(1, null, body.Length), MsrpFlag.More);
        await peers[0].SendAsync(body, "m1", new(1, body.Length, body.Length));

        Assert.Equal(MsrpFlag.More, (await peers[1].ReadSendAsync()).Flag);
        Assert.Equal(MsrpFlag.Abort, (await peers[1].ReadSendAsync()).Flag);
        Assert.Equal(body, await Peer.ReassembleAsync(peers[1]));
    }

    [Fact]
    public async Task End_lines_in_a_body_stay_in_the_body()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var nested = "MSRP t1x SEND\r\nTo-Path: a\r\n\r\ninner\r\n-------other$\r\n-------x+\r\n";

        await peers[0].SayAsync(nested, _alice, SwitchWorld.Group);

        Assert.Equal(nested, Peer.Text(await peers[1].ReadSendAsync()));
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.2")]
    public async Task A_whole_message_is_reported_when_that_was_asked_for()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);

        await alice.SendAsync(body.AsMemory(0, 1000), "m1", new(1, null, null), MsrpFlag.More, successReport: true);
        await alice.SendAsync(body.AsMemory(1000), "m1", new(1001, null, null), successReport: true);

        await alice.ReadAnswerAsync();
        await alice.ReadAnswerAsync();
        var report = (await alice.ReadAsync())!.Head;
        Assert.Equal(MsrpMethod.Report, report.Method);
        Assert.Equal(200, report.ReportStatus);
        Assert.Equal("m1", report.MessageId);
        Assert.Equal(new ByteRange(1, body.Length, body.Length), report.Range);
        Assert.Equal(alice.Local, report.ToPath.Single());
    }

    [Fact]
    public async Task A_report_from_a_peer_ends_here_unanswered()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");

        await alice.WriteAsync(output =>
            MsrpWriter.WriteReport(output, "r1", alice.Paths, "m1", new(1, 5, 5), MsrpStatus.Ok));
        await alice.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, alice.Paths, "k1"));

        Assert.Equal((200, "k1"), await alice.ReadAnswerAsync());
    }

    // Counts chunks; the bytes are checked by position only, so that nothing is held.
    private static async Task<int> ReadWholeAsync(Peer peer, long length, long[] got, int mine)
    {
        for (var chunks = 1; ; chunks++)
        {
            var frame = await peer.ReadSendAsync();
            Assert.InRange(frame.Body.Length, 0, 64 * 1024);
            Assert.Equal(got[mine] + 1, frame.Head.Range!.Value.Start);
            Interlocked.Add(ref got[mine], frame.Body.Length);
            if (frame.Flag != MsrpFlag.More)
            {
                Assert.Equal(MsrpFlag.Last, frame.Flag);
                Assert.Equal(length, got[mine]);
                return chunks;
            }
        }
    }

    [Theory, Trait("Spec", "RFC 4975 7.3.1")]
    [InlineData(1000), InlineData(1500), InlineData(2000)]
    public async Task Bytes_that_come_again_are_taken_as_they_came_last(int from)
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var text = await world.JoinAsync("carol", leg => leg with { AcceptTypes = ["text/plain"] });
        var first = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);
        var later = Peer.Cpim(new string('y', 3000), _alice, SwitchWorld.Group);

        await peers[0].SendAsync(first.AsMemory(0, 2000), "m1", new(1, null, first.Length), MsrpFlag.More);
        await peers[0].SendAsync(later.AsMemory(from), "m1", new(from + 1, null, first.Length));

        byte[] expected = [.. first[..from], .. later[from..]];
        Assert.Equal(expected, await OverlappingAsync(peers[1]));
        Assert.Equal(expected[^3000..], await OverlappingAsync(text));
        Assert.Equal(200, (await peers[0].ReadAnswerAsync()).Status);
        Assert.Equal(200, (await peers[0].ReadAnswerAsync()).Status);
    }

    [Theory, Trait("Spec", "RFC 4975 7.3.1")]
    [InlineData(10, 1500), InlineData(500, 1500)]
    public async Task What_comes_again_in_the_header_block_or_ends_before_what_came_is_400(int from, int to)
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);

        await peers[0].SendAsync(body.AsMemory(0, 2000), "m1", new(1, null, body.Length), MsrpFlag.More);
        await peers[0].SendAsync(body.AsMemory(from..to), "m1", new(from + 1, null, body.Length));

        Assert.Equal(200, (await peers[0].ReadAnswerAsync()).Status);
        Assert.Equal(400, (await peers[0].ReadAnswerAsync()).Status);
        while ((await peers[1].ReadSendAsync()).Flag is var flag && flag != MsrpFlag.Abort)
            Assert.Equal(MsrpFlag.More, flag);
    }

    // Puts chunks where their ranges say.
    private static async Task<byte[]> OverlappingAsync(Peer peer)
    {
        var bytes = new byte[10_000];
        while (true)
        {
            var frame = await peer.ReadSendAsync();
            frame.Body.Span.CopyTo(bytes.AsSpan((int)frame.Head.Range!.Value.Start - 1));
            Assert.NotEqual(MsrpFlag.Abort, frame.Flag);
            if (frame.Flag == MsrpFlag.Last)
                return bytes[..(int)frame.Head.Range.Value.Total!.Value];
        }
    }
}
