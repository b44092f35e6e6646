using System.Text;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 7701 5.2: clients that know text only beside those that speak CPIM.</summary>
public class PlainTextTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");
    private static readonly string _bob = SwitchWorld.Aor("bob");

    [Fact]
    public async Task Who_takes_text_only_hears_the_text_of_what_is_said_in_cpim()
    {
        using var world = new SwitchWorld();
        var (alice, text, carol) = await ThreeAsync(world);

        await alice.SayAsync("Grüße", _alice, SwitchWorld.Group, "text/plain; charset=utf-8");

        var frame = await text.ReadSendAsync();
        Assert.Equal("text/plain; charset=utf-8", frame.Head.ContentType);
        Assert.Equal("Grüße", Encoding.UTF8.GetString(frame.Body.Span));
        Assert.Equal(new ByteRange(1, frame.Body.Length, frame.Body.Length), frame.Head.Range);
        Assert.Equal("Grüße", Peer.Text(await carol.ReadSendAsync()));
    }

    [Fact]
    public async Task What_he_says_comes_in_cpim_from_him_to_the_room()
    {
        using var world = new SwitchWorld();
        var (alice, text, _) = await ThreeAsync(world);

        var transaction = await SendTextAsync(text, "hello", "text/plain;charset=utf-8");

        Assert.Equal((200, transaction), await text.ReadAnswerAsync());
        var frame = await alice.ReadSendAsync();
        Assert.Equal("message/cpim", frame.Head.ContentType);
        Assert.Equal(new ByteRange(1, frame.Body.Length, frame.Body.Length), frame.Head.Range);
        Assert.Equal("hello", Peer.Text(frame));
        var head = Read(frame);
        Assert.Equal(_bob, head.From.Uri);
        Assert.Equal(SwitchWorld.Group, Assert.Single(head.To).Uri);
        Assert.Equal("text/plain;charset=utf-8", head.ContentType);
        Assert.True(head.HasDateTime);
    }

    [Fact]
    public async Task Who_hides_is_told_from_his_alias_only()
    {
        using var world = new SwitchWorld(new() { PlainTextNames = true });
        const string alias = "sip:anonymous1@anonymous.invalid";
        var alice = await world.JoinAsync("alice", InRoom);
        var hidden = await world.JoinAsync("bob", leg => TextOnly(InRoom(leg)) with
        {
            Entity = alias,
            Address = _bob,
            IsAnonymous = true,
            Identities = [_bob, alias],
        });
        var carol = await world.JoinAsync("carol", leg => TextOnly(InRoom(leg)));

        await SendTextAsync(hidden, "guess");

        var frame = await alice.ReadSendAsync();
        Assert.Equal(alias, Read(frame).From.Uri);
        Assert.DoesNotContain("bob", Encoding.UTF8.GetString(frame.Body.Span), StringComparison.Ordinal);
        Assert.Equal("anonymous1: guess", Text(await carol.ReadSendAsync()));
    }

    [Fact]
    public async Task The_name_of_who_speaks_stands_before_the_text_if_that_is_wanted()
    {
        using var world = new SwitchWorld(new() { PlainTextNames = true });
        var (alice, text, _) = await ThreeAsync(world);
        var other = await world.JoinAsync("dave", leg => TextOnly(InRoom(leg)));
        var named = Encoding.UTF8.GetBytes(
            $"From: \"Alice A.\" <{_alice}>\r\nTo: <{SwitchWorld.Group}>\r\n\r\nContent-Type: text/plain\r\n\r\nhi");

        await alice.SendAsync(named, "m1", new(1, named.Length, named.Length));
        Assert.Equal("Alice A.: hi", Text(await text.ReadSendAsync()));
        Assert.Equal("Alice A.: hi", Text(await other.ReadSendAsync()));

        await SendTextAsync(text, "hi too");
        Assert.Equal("bob: hi too", Text(await other.ReadSendAsync()));
        Assert.Equal("hi too", Peer.Text(await alice.ReadSendAsync()));
    }

    [Fact]
    public async Task What_is_no_text_he_does_not_hear_and_the_others_do()
    {
        using var world = new SwitchWorld();
        var (alice, text, carol) = await ThreeAsync(world);

        await alice.SayAsync("<isComposing/>", _alice, SwitchWorld.Group, "application/im-iscomposing+xml");
        await alice.SayAsync("<imdn/>", _alice, SwitchWorld.Group, "message/imdn+xml");
        var encoded = Encoding.UTF8.GetBytes(
            $"From: <{_alice}>\r\nTo: <{SwitchWorld.Group}>\r\n\r\nContent-Type: text/plain\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\naGk=");
        await alice.SendAsync(encoded, "m1", new(1, encoded.Length, encoded.Length));
        var plain = Encoding.UTF8.GetBytes(
            $"From: <{_alice}>\r\nTo: <{SwitchWorld.Group}>\r\n\r\nContent-Type: text/plain\r\n"
            + "Content-Transfer-Encoding: 8BIT\r\n\r\nhi");
        await alice.SendAsync(plain, "m2", new(1, plain.Length, plain.Length));
        await alice.SayAsync("end", _alice, SwitchWorld.Group);

        Assert.Equal("hi", Text(await text.ReadSendAsync()));
        Assert.Equal("end", Text(await text.ReadSendAsync()));
        Assert.Equal("<isComposing/>", Peer.Text(await carol.ReadSendAsync()));
        Assert.Equal("<imdn/>", Peer.Text(await carol.ReadSendAsync()));
        Assert.Equal("aGk=", Peer.Text(await carol.ReadSendAsync()));
    }

    [Fact]
    public async Task Nobody_writes_privately_to_who_could_not_tell()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice", InRoom);
        await world.JoinAsync("bob", leg => TextOnly(InRoom(leg)) with { TakesPrivateMessages = true });
        await world.JoinAsync("carol", InRoom);

        await alice.SayAsync("psst", _alice, _bob);

        Assert.Equal(428, (await alice.ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task Between_two_text_and_cpim_are_turned_into_each_other()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        var bob = await world.JoinAsync("bob", TextOnly);

        await alice.SayAsync("hello", _alice, _bob);
        Assert.Equal("hello", Text(await bob.ReadSendAsync()));

        await SendTextAsync(bob, "hello alice");
        var frame = await alice.ReadSendAsync();
        Assert.Equal("hello alice", Peer.Text(frame));
        Assert.Equal((_bob, _alice), (Read(frame).From.Uri, Read(frame).To[0].Uri));

        await alice.SayAsync("picture", _alice, _bob, "image/png");
        Assert.Equal(415, (await alice.ReadAnswerAsync()).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(700)]
    [InlineData(64 * 1024)]
    public async Task A_long_text_in_chunks_arrives_whole_in_both_forms(int size)
    {
        using var world = new SwitchWorld();
        var (alice, text, carol) = await ThreeAsync(world);
        var other = await world.JoinAsync("dave", leg => TextOnly(InRoom(leg)));
        var said = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 30_000).Select(each => $"{each % 10}")));
        if (size == 1)
            said = said[..300];

        await SendInChunksAsync(text, said, "text/plain", size);
        Assert.Equal(said, Content(await Peer.ReassembleAsync(alice)));
        Assert.Equal(said, Content(await Peer.ReassembleAsync(carol)));
        Assert.Equal(said, await Peer.ReassembleAsync(other));

        await SendInChunksAsync(
            alice, Peer.Cpim(Encoding.ASCII.GetString(said), _alice, SwitchWorld.Group), "message/cpim", size);
        Assert.Equal(said, await Peer.ReassembleAsync(text));
        Assert.Equal(said, await Peer.ReassembleAsync(other));
        Assert.Equal(said, Content(await Peer.ReassembleAsync(carol)));
    }

    [Fact]
    public async Task A_text_given_up_is_given_up_in_both_forms()
    {
        using var world = new SwitchWorld();
        var (alice, text, _) = await ThreeAsync(world);
        var other = await world.JoinAsync("dave", leg => TextOnly(InRoom(leg)));

        await text.SendAsync("half"u8.ToArray(), "m1", new(1, 4, 8), MsrpFlag.More, "text/plain");
        await text.SendAsync(default, "m1", new(5, null, 8), MsrpFlag.Abort, "text/plain");

        foreach (var each in (Peer[])[alice, other])
        {
            Assert.Equal(MsrpFlag.More, (await each.ReadSendAsync()).Flag);
            Assert.Equal(MsrpFlag.Abort, (await each.ReadSendAsync()).Flag);
        }
    }

    [Fact]
    public async Task An_empty_text_keeps_a_connection_open_and_nobody_hears_it()
    {
        using var world = new SwitchWorld();
        var (alice, text, _) = await ThreeAsync(world);

        await SendTextAsync(text, "");
        await SendTextAsync(text, "text");

        Assert.Equal(200, (await text.ReadAnswerAsync()).Status);
        Assert.Equal("text", Peer.Text(await alice.ReadSendAsync()));
    }

    [Fact]
    public async Task Mime_fields_around_the_content_go_with_it_in_each_form()
    {
        using var world = new SwitchWorld();
        var (alice, text, _) = await ThreeAsync(world);
        var other = await world.JoinAsync("dave", leg => TextOnly(InRoom(leg)));

        await text.WriteAsync(
            $"MSRP t1aa SEND\r\nTo-Path: {SwitchWorld.OurUri("bob")}\r\nFrom-Path: {SwitchWorld.PeerUri("bob")}\r\n"
            + "Message-ID: m1aa\r\nByte-Range: 1-2/2\r\nContent-Disposition: render\r\nContent-ID: <1@b>\r\n"
            + "Content-Type: text/plain\r\n\r\nhi\r\n-------t1aa$\r\n");

        var bare = await other.ReadSendAsync();
        Assert.Equal("render", bare.Head.Find("Content-Disposition"));
        Assert.Equal("<1@b>", bare.Head.Find("Content-ID"));
        Assert.Equal("hi", Text(bare));
        var wrapped = await alice.ReadSendAsync();
        Assert.Null(wrapped.Head.Find("Content-Disposition"));
        Assert.Contains("\r\n\r\nContent-Type: text/plain\r\nContent-Disposition: render\r\nContent-ID: <1@b>\r\n\r\nhi",
            Text(wrapped), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_that_say_who_hides_and_names_before_what_is_encoded_are_left_out()
    {
        using var world = new SwitchWorld(new() { PlainTextNames = true });
        const string alias = "sip:anonymous1@anonymous.invalid";
        var hidden = await world.JoinAsync("bob", leg => TextOnly(InRoom(leg)) with
        {
            Entity = alias,
            IsAnonymous = true,
            Identities = [_bob, alias],
        });
        var other = await world.JoinAsync("dave", leg => TextOnly(InRoom(leg)));

        await hidden.WriteAsync(
            $"MSRP t1aa SEND\r\nTo-Path: {SwitchWorld.OurUri("bob")}\r\nFrom-Path: {SwitchWorld.PeerUri("bob")}\r\n"
            + $"Message-ID: m1aa\r\nByte-Range: 1-4/4\r\nContent-ID: <1.{_bob["sip:".Length..]}>\r\n"
            + "Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\naGk=\r\n-------t1aa$\r\n");

        var heard = await other.ReadSendAsync();
        Assert.Null(heard.Head.Find("Content-ID"));
        Assert.Equal("base64", heard.Head.Find("Content-Transfer-Encoding"));
        Assert.Equal("aGk=", Text(heard));
    }

    [Fact]
    public async Task What_we_have_said_we_take_is_taken_from_who_takes_less()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice", InRoom);
        var bob = await world.JoinAsync("bob", leg => InRoom(leg) with
        {
            AcceptTypes = ["message/cpim"],
            TakenTypes = ["message/cpim", "text/plain"],
        });
        var carol = await world.JoinAsync("carol", leg => InRoom(leg) with { AcceptTypes = ["message/cpim"] });

        await SendTextAsync(bob, "bare");
        await SendTextAsync(carol, "not agreed");

        Assert.Equal("bare", Peer.Text(await alice.ReadSendAsync()));
        Assert.Equal(200, (await bob.ReadAnswerAsync()).Status);
        Assert.Equal(415, (await carol.ReadAnswerAsync()).Status);
    }

    private static MsrpLeg InRoom(MsrpLeg leg) => leg with { Room = [SwitchWorld.Group], MayWritePrivately = true };

    private static MsrpLeg TextOnly(MsrpLeg leg) => leg with { AcceptTypes = ["text/plain"], AcceptWrappedTypes = [] };

    private static async Task<(Peer Alice, Peer Text, Peer Carol)> ThreeAsync(SwitchWorld world) => (
        await world.JoinAsync("alice", InRoom),
        await world.JoinAsync("bob", leg => TextOnly(InRoom(leg))),
        await world.JoinAsync("carol", InRoom));

    private static Task<string> SendTextAsync(Peer peer, string text, string type = "text/plain")
    {
        var body = Encoding.UTF8.GetBytes(text);
        return peer.SendAsync(body, "m" + Guid.NewGuid().ToString("N")[..10], new(1, body.Length, body.Length),
            contentType: type);
    }

    private static async Task SendInChunksAsync(Peer peer, byte[] body, string type, int size)
    {
        for (var at = 0; at < body.Length; at += size)
        {
            var end = Math.Min(at + size, body.Length);
            await peer.SendAsync(body.AsMemory(at..end), "m1aa", new(at + 1, end, body.Length),
                end == body.Length ? MsrpFlag.Last : MsrpFlag.More, type);
            while (await peer.ReadAsync() is { Head.IsRequest: true })
            {
                // Others' messages are answered.
            }
        }
    }

    private static string Text(MsrpFrame frame) => Encoding.UTF8.GetString(frame.Body.Span);

    private static CpimHead Read(MsrpFrame frame)
    {
        Assert.Equal(CpimResult.Read, CpimReader.Read(frame.Body.Span, out var head));
        return head;
    }

    private static byte[] Content(byte[] cpim)
    {
        Assert.Equal(CpimResult.Read, CpimReader.Read(cpim, out var head));
        return cpim[head.Length..];
    }
}
