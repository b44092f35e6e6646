using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 4975 10: which answer a request gets that cannot be served.</summary>
public class RefusalTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");

    [Fact]
    public async Task A_message_in_another_name_is_403_and_nobody_hears_it()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");

        await peers[0].SayAsync("forged", SwitchWorld.Aor("carol"), SwitchWorld.Group);
        Assert.Equal(403, (await peers[0].ReadAnswerAsync()).Status);

        await peers[0].SayAsync("true", _alice, SwitchWorld.Group);
        Assert.Equal("true", Peer.Text(await peers[1].ReadSendAsync()));
    }

    [Theory]
    [InlineData("sip:alice@EXAMPLE.com")]
    [InlineData("sip:%61lice@example.com;transport=tcp")]
    [InlineData("sips:alice@example.com:5061")]
    [InlineData("tel:+1-201-555-0123")]
    public async Task The_name_is_compared_as_a_user(string from)
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice", leg => leg with { Identities = [_alice, "tel:+12015550123"] });
        var bob = await world.JoinAsync("bob");

        await alice.SayAsync("me", from, SwitchWorld.Group);

        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        Assert.Equal("me", Peer.Text(await bob.ReadSendAsync()));
    }

    [Fact]
    public async Task An_unknown_session_is_481()
    {
        using var world = new SwitchWorld();
        var peer = world.Connect("nobody");

        await peer.SayAsync("hello?", _alice, SwitchWorld.Group);

        Assert.Equal(481, (await peer.ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task A_path_through_us_is_481()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");

        await alice.WriteAsync(
            $"MSRP t1 SEND\r\nTo-Path: {SwitchWorld.OurUri("alice")} msrp://elsewhere.example.com/x;tcp\r\n"
            + $"From-Path: {alice.Local}\r\nMessage-ID: m1\r\n-------t1$\r\n");

        Assert.Equal(481, (await alice.ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task A_second_connection_for_a_session_is_506_and_the_first_goes_on()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var second = world.Connect("alice");

        await second.SayAsync("stolen", _alice, SwitchWorld.Group);
        Assert.Equal(506, (await second.ReadAnswerAsync()).Status);

        await peers[0].SayAsync("mine", _alice, SwitchWorld.Group);
        Assert.Equal("mine", Peer.Text(await peers[1].ReadSendAsync()));
    }

    [Fact]
    public async Task One_connection_may_carry_several_sessions()
    {
        using var world = new SwitchWorld();
        var bob = await world.JoinAsync("bob", leg => leg with { BridgeId = "b2" });
        var alice = await world.JoinAsync("alice");
        world.Switch.OpenLeg(SwitchWorld.Leg("alice2", "b2"));

        await alice.WriteAsync(
            $"MSRP t1 SEND\r\nTo-Path: {SwitchWorld.OurUri("alice2")}\r\nFrom-Path: {SwitchWorld.PeerUri("alice2")}\r\n"
            + "Message-ID: m1\r\n-------t1$\r\n");
        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        await bob.SayAsync("to alice2", SwitchWorld.Aor("bob"), SwitchWorld.Group);

        Assert.Equal(SwitchWorld.PeerUri("alice2"), (await alice.ReadSendAsync()).Head.ToPath.Single());
    }

    [Fact]
    public async Task A_type_that_a_group_does_not_carry_is_415()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");

        await peers[0].SendAsync("plain"u8.ToArray(), "m1", new(1, 5, 5), contentType: "text/plain");

        Assert.Equal(415, (await peers[0].ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task What_the_only_other_does_not_take_is_415()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        await world.JoinAsync("bob", leg => leg with { AcceptWrappedTypes = ["text/plain"] });

        await alice.SayAsync("picture", _alice, SwitchWorld.Aor("bob"), "image/png");

        Assert.Equal(415, (await alice.ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task What_the_only_other_cannot_get_is_408()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        await peers[1].CloseAsync();
        Assert.IsType<MsrpLegLost>(await world.NextEventAsync());
        await world.PassAsync(world.Options.BindTimeout + TimeSpan.FromSeconds(1));
        world.Switch.Supervise();

        await peers[0].SayAsync("there?", _alice, SwitchWorld.Aor("bob"));

        Assert.Equal(408, (await peers[0].ReadAnswerAsync()).Status);
    }

    [Theory]
    [InlineData("AUTH")]
    [InlineData("DANCE")]
    public async Task A_method_we_do_not_serve_is_501(string method)
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");

        await alice.WriteAsync(
            $"MSRP t1 {method}\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\nFrom-Path: {alice.Local}\r\n"
            + "-------t1$\r\n");

        Assert.Equal((501, "t1"), await alice.ReadAnswerAsync());
    }

    [Theory]
    [InlineData("Byte-Range: 0-5/5\r\nContent-Type: message/cpim\r\n\r\nhello\r\n")]
    [InlineData("Byte-Range: 3-7/7\r\nContent-Type: message/cpim\r\n\r\nhello\r\n")]
    [InlineData("Content-Type: message/cpim\r\n\r\nno header block\r\n")]
    [InlineData("Content-Type: message/cpim\r\n\r\nFrom: <sip:alice@example.com>\r\n\r\n\r\nx\r\n")]
    [InlineData("Message-ID: twice\r\n")]
    [InlineData("Failure-Report: perhaps\r\n")]
    public async Task A_request_that_is_not_right_is_400_and_the_connection_goes_on(string rest)
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");

        await peers[0].WriteAsync(
            $"MSRP t1 SEND\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\nFrom-Path: {peers[0].Local}\r\n"
            + $"Message-ID: m1\r\n{rest}-------t1$\r\n");
        Assert.Equal((400, "t1"), await peers[0].ReadAnswerAsync());

        await peers[0].SayAsync("well", _alice, SwitchWorld.Group);
        Assert.Equal("well", Peer.Text(await peers[1].ReadSendAsync()));
    }

    [Fact]
    public async Task What_is_not_msrp_ends_the_connection()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");

        await alice.WriteAsync("GET / HTTP/1.1\r\n\r\n");

        Assert.Null(await alice.ReadAsync());
        var lost = Assert.IsType<MsrpLegLost>(await world.NextEventAsync());
        Assert.Equal(MsrpLoss.Malformed, lost.Loss);
    }

    [Fact]
    public async Task A_message_above_the_size_limit_is_413_and_is_not_delivered()
    {
        using var world = new SwitchWorld(new() { MaxMessageBytes = 4096 });
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim(new string('x', 8000), _alice, SwitchWorld.Group);

        await peers[0].SendAsync(body, "declared", new(1, body.Length, body.Length));
        Assert.Equal(413, (await peers[0].ReadAnswerAsync()).Status);
        await peers[0].SendAsync(body, "undeclared", new(1, null, null));
        Assert.Equal(413, (await peers[0].ReadAnswerAsync()).Status);

        await peers[0].SayAsync("small", _alice, SwitchWorld.Group);
        Assert.Equal("small", Peer.Text(await peers[1].ReadSendAsync()));
    }

    [Fact]
    public async Task A_cpim_header_block_has_an_upper_size()
    {
        using var world = new SwitchWorld(new() { MaxCpimHeaderBytes = 1024 });
        var peers = await world.JoinAsync("alice", "bob");
        var block = "From: <sip:alice@example.com>\r\nSubject: " + new string('x', 3000);
        var body = System.Text.Encoding.ASCII.GetBytes(block);

        await peers[0].SendAsync(body.AsMemory(0, 600), "m1", new(1, 600, null), MsrpFlag.More);
        Assert.Equal(200, (await peers[0].ReadAnswerAsync()).Status);
        await peers[0].SendAsync(body.AsMemory(600, 600), "m1", new(601, 1200, null), MsrpFlag.More);
        Assert.Equal(413, (await peers[0].ReadAnswerAsync()).Status);
        await peers[0].SendAsync(body.AsMemory(1200), "m1", new(1201, null, null));
        Assert.Equal(413, (await peers[0].ReadAnswerAsync()).Status);
    }

    [Theory]
    [InlineData(FailureReport.No, false, false)]
    [InlineData(FailureReport.Partial, false, true)]
    [InlineData(FailureReport.Yes, true, true)]
    public async Task The_sender_gets_the_answers_it_asked_for(FailureReport wanted, bool onSuccess, bool onFailure)
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var right = Peer.Cpim("right", _alice, SwitchWorld.Group);
        var wrong = Peer.Cpim("wrong", SwitchWorld.Aor("mallory"), SwitchWorld.Group);

        var first = await peers[0].SendAsync(right, "m1", new(1, right.Length, null), failureReport: wanted);
        var second = await peers[0].SendAsync(wrong, "m2", new(1, wrong.Length, null), failureReport: wanted);
        var third = await peers[0].SayAsync("done", _alice, SwitchWorld.Group);

        var expected = new List<(int, string)>();
        if (onSuccess)
            expected.Add((200, first));
        if (onFailure)
            expected.Add((403, second));
        expected.Add((200, third));
        foreach (var answer in expected)
            Assert.Equal(answer, await peers[0].ReadAnswerAsync());
    }

    [Fact, Trait("Spec", "RFC 3264 6.1")]
    public async Task Between_two_who_is_on_hold_is_not_spoken_to()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        await world.JoinAsync("bob", leg => leg with { Receives = false });

        await alice.SayAsync("there?", SwitchWorld.Aor("alice"), SwitchWorld.Aor("bob"));

        Assert.Equal(403, (await alice.ReadAnswerAsync()).Status);
    }

    [Fact, Trait("Spec", "RFC 3264 6.1")]
    public async Task In_a_group_who_is_on_hold_hears_what_is_said_when_he_is_back()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        var bob = await world.JoinAsync("bob", leg => leg with { Receives = false });
        var carol = await world.JoinAsync("carol");

        await alice.SayAsync("one", SwitchWorld.Aor("alice"), SwitchWorld.Group);
        Assert.Equal("one", Peer.Text(await carol.ReadSendAsync()));
        world.Switch.OpenLeg(SwitchWorld.Leg("bob"));
        await alice.SayAsync("two", SwitchWorld.Aor("alice"), SwitchWorld.Group);

        Assert.Equal("two", Peer.Text(await bob.ReadSendAsync()));
    }

    [Fact, Trait("Spec", "RFC 3264 6.1")]
    public async Task Who_said_that_he_sends_nothing_is_not_heard()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice", leg => leg with { Sends = false });
        await world.JoinAsync("bob");
        await world.JoinAsync("carol");

        await alice.SayAsync("me", SwitchWorld.Aor("alice"), SwitchWorld.Group);

        Assert.Equal(403, (await alice.ReadAnswerAsync()).Status);
    }
}
