using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 4975 7.1.1: messages given up and cut; nobody takes a part for the whole.</summary>
public class AbortedMessageTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");

    [Fact]
    public async Task A_message_given_up_is_given_up_for_those_who_have_a_part()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);

        await peers[0].SendAsync(body.AsMemory(0, 1000), "m1", new(1, null, body.Length), MsrpFlag.More);
        var transaction = await peers[0].SendAsync(
            body.AsMemory(1000, 500), "m1", new(1001, null, body.Length), MsrpFlag.Abort);

        var part = await peers[1].ReadSendAsync();
        var end = await peers[1].ReadSendAsync();
        Assert.Equal((MsrpFlag.More, MsrpFlag.Abort), (part.Flag, end.Flag));
        Assert.Equal(part.Head.MessageId, end.Head.MessageId);
        await peers[0].ReadAnswerAsync();
        Assert.Equal((200, transaction), await peers[0].ReadAnswerAsync());
    }

    [Fact]
    public async Task A_connection_that_ends_in_a_message_gives_the_message_up()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        var body = Peer.Cpim(new string('x', 200_000), _alice, SwitchWorld.Group);

        await peers[0].WriteAsync(
            $"MSRP cut1 SEND\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\nFrom-Path: {peers[0].Local}\r\n"
            + $"Message-ID: m1\r\nByte-Range: 1-*/{body.Length}\r\nContent-Type: message/cpim\r\n\r\n");
        await peers[0].WriteAsync(body.AsMemory(0, 150_000));
        await peers[0].CloseAsync();

        var flags = new List<MsrpFlag>();
        while (flags.Count == 0 || flags[^1] == MsrpFlag.More)
            flags.Add((await peers[1].ReadSendAsync()).Flag);

        Assert.Equal(MsrpFlag.Abort, flags[^1]);
        var lost = new MsrpLegLost(SwitchWorld.Leg("alice").SessionId, "b1", MsrpLoss.Closed);
        Assert.Equal(lost, await world.NextEventAsync());
    }

    [Fact]
    public async Task A_leg_closed_in_a_message_gives_the_message_up()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);

        await peers[0].SendAsync(body.AsMemory(0, 1000), "m1", new(1, null, body.Length), MsrpFlag.More);
        Assert.Equal(MsrpFlag.More, (await peers[1].ReadSendAsync()).Flag);
        world.Switch.CloseLeg(SwitchWorld.Leg("alice").SessionId);

        Assert.Equal(MsrpFlag.Abort, (await peers[1].ReadSendAsync()).Flag);
    }

    [Fact]
    public async Task A_gap_is_400_and_gives_the_message_up()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);

        await peers[0].SendAsync(body.AsMemory(0, 1000), "m1", new(1, null, body.Length), MsrpFlag.More);
        await peers[0].SendAsync(body.AsMemory(2000), "m1", new(2001, null, body.Length));

        Assert.Equal(MsrpFlag.More, (await peers[1].ReadSendAsync()).Flag);
        Assert.Equal(MsrpFlag.Abort, (await peers[1].ReadSendAsync()).Flag);
        Assert.Equal(200, (await peers[0].ReadAnswerAsync()).Status);
        Assert.Equal(400, (await peers[0].ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task A_message_that_ends_before_its_declared_size_is_not_whole()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);

        await peers[0].SendAsync(body.AsMemory(0, 1000), "m1", new(1, null, body.Length), MsrpFlag.More);
        await peers[0].SendAsync(body.AsMemory(1000, 1000), "m1", new(1001, null, body.Length));

        Assert.Equal(MsrpFlag.More, (await peers[1].ReadSendAsync()).Flag);
        Assert.Equal(MsrpFlag.Abort, (await peers[1].ReadSendAsync()).Flag);
    }

    [Fact]
    public async Task The_message_longest_untouched_makes_room_for_a_new_one()
    {
        using var world = new SwitchWorld(new() { MaxOpenMessages = 2 });
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim(new string('x', 500), _alice, SwitchWorld.Group);
        foreach (var id in new[] { "m1", "m2", "m3" })
            await peers[0].SendAsync(body.AsMemory(0, 300), id, new(1, 300, null), MsrpFlag.More);

        var flags = new List<MsrpFlag>();
        for (var i = 0; i < 4; i++)
            flags.Add((await peers[1].ReadSendAsync()).Flag);

        Assert.Equal([MsrpFlag.More, MsrpFlag.More, MsrpFlag.More, MsrpFlag.Abort], flags);
    }

    [Fact]
    public async Task A_recipient_that_refuses_a_message_gets_no_more_of_it_and_the_others_do()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);
        peers[1].Answers = false;

        await peers[0].SendAsync(body.AsMemory(0, 1000), "m1", new(1, null, body.Length), MsrpFlag.More);
        var part = await peers[1].ReadSendAsync();
        await peers[1].WriteAsync(output => MsrpWriter.TryWriteResponse(output, part.Head, 413));
        await SwitchWorld.BindAsync(peers[1]);
        await peers[0].SendAsync(body.AsMemory(1000), "m1", new(1001, null, body.Length));

        Assert.Equal(MsrpFlag.Abort, (await peers[1].ReadSendAsync()).Flag);
        Assert.Equal(body, await Peer.ReassembleAsync(peers[2]));
    }
}
