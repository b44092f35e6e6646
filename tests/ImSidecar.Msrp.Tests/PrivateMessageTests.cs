using System.Text;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 7701 6.2: what is for one of a room, and who it is from and to for those who get it.</summary>
public sealed class PrivateMessageTests : IDisposable
{
    private const string Alias = "sip:anonymous3@anonymous.invalid";
    private const string AnyAlias = "sip:anonymous@anonymous.invalid";

    private static readonly string _alice = SwitchWorld.Aor("alice");
    private static readonly string _bob = SwitchWorld.Aor("bob");
    private static readonly string _carol = SwitchWorld.Aor("carol");

    private readonly SwitchWorld _world = new();

    public void Dispose() => _world.Dispose();

    /// <summary>A group that carol attends under an alias.</summary>
    private async Task<(Peer Alice, Peer Bob, Peer Carol)> MeetAsync(Func<MsrpLeg, MsrpLeg>? change = null)
    {
        var alice = await _world.JoinAsync("alice", leg => (change ?? (each => each))(InRoom(leg)));
        var bob = await _world.JoinAsync("bob", InRoom);
        var carol = await _world.JoinAsync("carol", leg => InRoom(leg) with
        {
            Identities = [Alias, AnyAlias, _carol, "tel:+12015550123"],
            Entity = Alias,
            Address = _carol,
            IsAnonymous = true,
        });
        return (alice, bob, carol);
    }

    private static MsrpLeg InRoom(MsrpLeg leg) => leg with
    {
        Room = [SwitchWorld.Group, "sip:session@im.example.com"],
        Entity = leg.Identities[0],
        Address = leg.Identities[0],
        MayWritePrivately = true,
        TakesPrivateMessages = true,
    };

    private static async Task<(string From, string To, string Text)> HearAsync(Peer peer)
    {
        var frame = await peer.ReadSendAsync();
        Assert.Equal(CpimResult.Read, CpimReader.Read(frame.Body.Span, out var head));
        Assert.Equal(frame.Body.Length, frame.Head.Range!.Value.Total);
        return (head.From.ToString(), head.To[0].Uri, Encoding.UTF8.GetString(frame.Body.Span[head.Length..]));
    }

    private static async Task<(int Status, string Comment)> RefusedAsync(Peer peer)
    {
        var frame = await peer.ReadAsync();
        var line = Encoding.UTF8.GetString(frame!.Head.Bytes).Split("\r\n")[0].Split(' ', 4);
        return (frame.Head.Status, line[3]);
    }

    [Fact, Trait("Spec", "IM 7.2.3")]
    public async Task Only_the_one_it_is_for_hears_it()
    {
        var (alice, bob, carol) = await MeetAsync();

        await alice.SayAsync("secret", _alice, _bob);
        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        await alice.SayAsync("for all", _alice, SwitchWorld.Group);

        Assert.Equal("secret", (await HearAsync(bob)).Text);
        Assert.Equal("for all", (await HearAsync(bob)).Text);
        Assert.Equal("for all", (await HearAsync(carol)).Text);
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public async Task Who_hides_is_written_to_by_his_alias_and_reads_his_address()
    {
        var (alice, _, carol) = await MeetAsync();

        await alice.SayAsync("who are you?", _alice, Alias);

        Assert.Equal(($"<{_alice}>", _carol, "who are you?"), await HearAsync(carol));
    }

    [Theory]
    [InlineData(Alias)]
    [InlineData(AnyAlias)]
    [InlineData("sip:carol@example.com")]
    [InlineData("tel:+1-201-555-0123")]
    [InlineData("sip:+12015550123@example.com;user=phone")]
    [Trait("Spec", "IM 7.2.3.2")]
    public async Task Whatever_he_writes_he_is_from_his_alias(string from)
    {
        var (alice, bob, carol) = await MeetAsync();

        await carol.SayAsync("nobody", from, _alice);
        Assert.Equal(($"<{Alias}>", _alice, "nobody"), await HearAsync(alice));

        await carol.SayAsync("to all", from, "sip:session@im.example.com");
        Assert.Equal(($"<{Alias}>", "sip:session@im.example.com", "to all"), await HearAsync(bob));
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public async Task His_name_and_header_fields_that_name_him_are_taken_out_and_the_rest_stays_as_written()
    {
        var (alice, _, carol) = await MeetAsync();
        var body = Encoding.UTF8.GetBytes(
            "NS: x <urn:x>\r\nFrom: Carol C <sip:carol@example.com>\r\nTo: <sip:alice@example.com>\r\n"
            + "x.Route: <sip:CAROL@example.com>\r\nSubject: none\r\nx.Call: tel:+12015550123\r\n"
            + "\r\nContent-Type: text/plain\r\nX-Part: sip:carol@example.com\r\n\r\nI am carol");

        await carol.SendAsync(body, "m1", new(1, body.Length, body.Length));
        var frame = await alice.ReadSendAsync();

        var text = Encoding.UTF8.GetString(frame.Body.Span);
        Assert.Equal(frame.Body.Length, frame.Head.Range!.Value.Total);
        Assert.Matches(
            "^NS: x <urn:x>\r\nFrom: <sip:anonymous3@anonymous.invalid>\r\nTo: <sip:alice@example.com>\r\n"
            + "DateTime: [^\r]+\r\nSubject: none\r\n\r\nContent-Type: text/plain\r\nX-Part: sip:carol@example.com\r\n"
            + "\r\nI am carol$", text);
    }

    [Fact]
    public async Task A_total_that_is_less_than_what_came_is_told_to_nobody()
    {
        var (alice, _, carol) = await MeetAsync();
        var body = Peer.Cpim("I am carol", $"sip:carol@example.com;{new string('x', 200)}", _alice);

        await carol.SendAsync(body, "m1", new(1, body.Length, 10), MsrpFlag.More);
        var frame = await alice.ReadSendAsync();

        Assert.Null(frame.Head.Range!.Value.Total);
        Assert.Equal(frame.Body.Length, frame.Head.Range!.Value.End);
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public async Task Who_has_two_addresses_is_from_the_one_others_know_and_is_found_by_both()
    {
        var (alice, bob, _) = await MeetAsync(leg => leg with { Identities = [_alice, "tel:+12015550199"] });

        await alice.SayAsync("hi", "sip:+12015550199@example.com;user=phone", _bob);
        Assert.Equal(($"<{_alice}>", _bob, "hi"), await HearAsync(bob));

        await bob.SayAsync("ho", _bob, "tel:+1-201-555-0199");
        Assert.Equal("ho", (await HearAsync(alice)).Text);
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public async Task Who_hides_is_not_found_by_his_address()
    {
        var (alice, _, _) = await MeetAsync();

        await alice.SayAsync("carol?", _alice, _carol);

        Assert.Equal((404, "Not Found"), await RefusedAsync(alice));
    }

    [Theory]
    [InlineData("sip:dave@example.com")]
    [InlineData("sip:anonymous9@anonymous.invalid")]
    [InlineData("sip:alice@example.com")]
    [Trait("Spec", "IM 7.2.3")]
    public async Task Who_is_not_there_is_404_and_nobody_hears_it(string to)
    {
        var (alice, bob, _) = await MeetAsync();

        await alice.SayAsync("secret", _alice, to);
        Assert.Equal(404, (await RefusedAsync(alice)).Status);

        await alice.SayAsync("for all", _alice, SwitchWorld.Group);
        Assert.Equal("for all", (await HearAsync(bob)).Text);
    }

    [Fact, Trait("Spec", "IM 7.2.3")]
    public async Task Who_may_not_gets_403_that_says_so()
    {
        var (alice, _, _) = await MeetAsync(leg => leg with { MayWritePrivately = false });

        await alice.SayAsync("secret", _alice, _bob);

        Assert.Equal((403, "Forbidden: no private messages"), await RefusedAsync(alice));
    }

    [Fact, Trait("Spec", "IM 7.2.3")]
    public async Task Whose_client_could_not_tell_it_from_the_rest_does_not_get_it()
    {
        var (alice, bob, _) = await MeetAsync(leg => leg with { TakesPrivateMessages = false });

        await bob.SayAsync("secret", _bob, _alice);

        Assert.Equal((428, "Private Messages Not Supported"), await RefusedAsync(bob));
        await alice.SayAsync("for all", _alice, SwitchWorld.Group);
        Assert.Equal("for all", (await HearAsync(bob)).Text);
    }

    [Fact, Trait("Spec", "RFC 5438 7.2")]
    public async Task A_notification_reaches_who_wrote_also_where_nobody_writes_privately_and_by_his_alias()
    {
        var (alice, bob, carol) = await MeetAsync(leg => leg with
        {
            MayWritePrivately = false,
            TakesPrivateMessages = false,
        });

        await alice.SayAsync("<imdn/>", _alice, Alias, "message/imdn+xml");
        Assert.Equal(($"<{_alice}>", _carol, "<imdn/>"), await HearAsync(carol));

        await bob.SayAsync("<imdn/>", _bob, _alice, "message/IMDN+xml;charset=utf-8");
        Assert.Equal(($"<{_bob}>", _alice, "<imdn/>"), await HearAsync(alice));
    }

    [Fact, Trait("Spec", "RFC 7701 6.2")]
    public async Task Two_recipients_are_one_too_many()
    {
        var (alice, _, _) = await MeetAsync();
        var body = Encoding.UTF8.GetBytes(
            $"From: <{_alice}>\r\nTo: <{SwitchWorld.Group}>\r\nTo: <{_bob}>\r\n\r\n\r\nboth");

        await alice.SendAsync(body, "m1", new(1, body.Length, body.Length));

        Assert.Equal((403, "Forbidden: one recipient only"), await RefusedAsync(alice));
    }

    [Fact, Trait("Spec", "RFC 7701 6.2")]
    public async Task Who_is_there_without_a_connection_is_408()
    {
        var (alice, _, _) = await MeetAsync();
        _world.Switch.OpenLeg(InRoom(SwitchWorld.Leg("dave")) with { RemotePath = [] });

        await alice.SayAsync("secret", _alice, SwitchWorld.Aor("dave"));

        Assert.Equal(408, (await RefusedAsync(alice)).Status);
    }

    [Fact, Trait("Spec", "IM 7.2.3")]
    public async Task A_long_message_is_changed_at_its_head_only_and_counts_right()
    {
        var (alice, _, carol) = await MeetAsync();
        var text = new string('x', 200_000);
        var body = Peer.Cpim(text, _carol, _alice, withTime: false);

        await carol.SendAsync(body, "m1", new(1, body.Length, body.Length));
        var heard = await Peer.ReassembleAsync(alice);

        Assert.Equal(CpimResult.Read, CpimReader.Read(heard, out var head));
        Assert.Equal(Alias, head.From.Uri);
        Assert.Equal(text, Encoding.UTF8.GetString(heard.AsSpan(head.Length)));
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public async Task Between_two_alias_and_address_change_places_too()
    {
        var alice = await _world.JoinAsync("alice");
        var carol = await _world.JoinAsync("carol", leg => leg with
        {
            Identities = [Alias, AnyAlias, _carol],
            Entity = Alias,
            Address = _carol,
            IsAnonymous = true,
        });

        await carol.SayAsync("hi", _carol, _alice);
        Assert.Equal($"<{Alias}>", (await HearAsync(alice)).From);
        await alice.SayAsync("ho", _alice, Alias);
        Assert.Equal(_carol, (await HearAsync(carol)).To);
    }

    [Fact, Trait("Spec", "RFC 4975 10")]
    public async Task In_another_name_nobody_writes_privately_either()
    {
        var (alice, _, _) = await MeetAsync();

        await alice.SayAsync("forged", Alias, _bob);

        Assert.Equal((403, "Forbidden"), await RefusedAsync(alice));
    }
}
