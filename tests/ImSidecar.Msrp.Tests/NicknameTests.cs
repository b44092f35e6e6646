using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 7701 7: NICKNAME goes to the host, and its answer comes back.</summary>
public sealed class NicknameTests : IDisposable
{
    private readonly SwitchWorld _world = new();

    public void Dispose() => _world.Dispose();

    private static Task AskAsync(Peer peer, string nickname, string transaction) =>
        peer.WriteAsync(output => MsrpWriter.WriteNickname(output, transaction, peer.Paths, nickname));

    private async Task<MsrpLegNickname> NextAsync() => Assert.IsType<MsrpLegNickname>(await _world.NextEventAsync());

    [Theory]
    [InlineData("Snowcat")]
    [InlineData("")]
    [InlineData("The \"\\\" \U0001F63A")]
    public async Task The_host_decides(string nickname)
    {
        var alice = await _world.JoinAsync("alice");
        var leg = SwitchWorld.Leg("alice");

        await AskAsync(alice, nickname, "nick1");
        var asked = await NextAsync();
        _world.Switch.AnswerNickname(asked.SessionId, asked.Transaction, 425);

        Assert.Equal(new(leg.SessionId, leg.BridgeId, "nick1", nickname), asked);
        Assert.Equal((425, "nick1"), await alice.ReadAnswerAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Use-Nickname: Snowcat\r\n")]
    [InlineData("Use-Nickname: \"Snow\"cat\"\r\n")]
    [InlineData("Use-Nickname: \"Snowcat\\\"\r\n")]
    [InlineData("Use-Nickname: \"   \"\r\n")]
    [InlineData("Use-Nickname: \"a\u202Eb\"\r\n")]
    [InlineData("Use-Nickname: \"0123456789012345678901234567890123456789012345678901234567890123456789\"\r\n")]
    public async Task One_that_is_none_is_424_and_the_host_hears_nothing(string field)
    {
        var alice = await _world.JoinAsync("alice");

        await alice.WriteAsync(
            $"MSRP t1 NICKNAME\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\nFrom-Path: {alice.Local}\r\n"
            + $"{field}-------t1$\r\n");

        Assert.Equal((424, "t1"), await alice.ReadAnswerAsync());
        Assert.False(_world.Switch.Events.TryRead(out _));
    }

    [Fact]
    public async Task A_second_one_before_the_answer_is_refused_and_the_first_goes_on()
    {
        var alice = await _world.JoinAsync("alice");

        await AskAsync(alice, "one", "nick1");
        await AskAsync(alice, "two", "nick2");
        Assert.Equal((403, "nick2"), await alice.ReadAnswerAsync());
        _world.Switch.AnswerNickname((await NextAsync()).SessionId, "nick1", 200);

        Assert.Equal((200, "nick1"), await alice.ReadAnswerAsync());
        await AskAsync(alice, "three", "nick3");
        Assert.Equal("three", (await NextAsync()).Nickname);
    }

    [Fact]
    public async Task Who_was_never_answered_may_ask_again()
    {
        var alice = await _world.JoinAsync("alice");
        await AskAsync(alice, "one", "nick1");
        await NextAsync();

        await _world.PassAsync(TimeSpan.FromSeconds(31));
        await AskAsync(alice, "two", "nick2");

        Assert.Equal("nick2", (await NextAsync()).Transaction);
    }

    [Fact]
    public async Task A_flood_ends_at_the_switch()
    {
        var alice = await _world.JoinAsync("alice");
        for (var i = 0; i < 10; i++)
        {
            await AskAsync(alice, "n" + i, "nick" + i);
            _world.Switch.AnswerNickname((await NextAsync()).SessionId, "nick" + i, 200);
            Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        }

        await AskAsync(alice, "more", "more1");
        Assert.Equal((403, "more1"), await alice.ReadAnswerAsync());

        await _world.PassAsync(TimeSpan.FromSeconds(10));
        await AskAsync(alice, "again", "again1");
        Assert.Equal("again", (await NextAsync()).Nickname);
    }

    [Fact]
    public async Task A_new_connection_is_no_way_around_it()
    {
        var alice = await _world.JoinAsync("alice");
        for (var i = 0; i < 10; i++)
        {
            await AskAsync(alice, "n" + i, "nick" + i);
            _world.Switch.AnswerNickname((await NextAsync()).SessionId, "nick" + i, 200);
            Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        }

        var again = await ComeAgainAsync(alice);
        await AskAsync(again, "more", "more1");

        Assert.Equal((403, "more1"), await again.ReadAnswerAsync());
    }

    [Fact]
    public async Task Who_comes_again_need_not_wait_for_what_he_asked_before()
    {
        var alice = await _world.JoinAsync("alice");
        await AskAsync(alice, "one", "nick1");
        await NextAsync();

        var again = await ComeAgainAsync(alice);
        await AskAsync(again, "two", "nick2");
        var asked = await NextAsync();
        _world.Switch.AnswerNickname(asked.SessionId, "nick1", 200);
        _world.Switch.AnswerNickname(asked.SessionId, "nick2", 200);

        Assert.Equal((200, "nick2"), await again.ReadAnswerAsync());
    }

    private async Task<Peer> ComeAgainAsync(Peer alice)
    {
        await alice.CloseAsync();
        Assert.IsType<MsrpLegLost>(await _world.NextEventAsync());
        var again = _world.Connect("alice");
        await SwitchWorld.BindAsync(again);
        Assert.IsType<MsrpLegConnected>(await _world.NextEventAsync());
        return again;
    }

    [Fact]
    public async Task An_answer_that_nobody_waits_for_goes_nowhere()
    {
        var alice = await _world.JoinAsync("alice");

        _world.Switch.AnswerNickname("nobody's", "t1", 200);
        _world.Switch.AnswerNickname(SwitchWorld.Leg("alice").SessionId, "t1", 200);
        await AskAsync(alice, "one", "nick1");
        _world.Switch.AnswerNickname((await NextAsync()).SessionId, "nick1", 200);

        Assert.Equal("nick1", (await alice.ReadAnswerAsync()).Transaction);
    }
}
