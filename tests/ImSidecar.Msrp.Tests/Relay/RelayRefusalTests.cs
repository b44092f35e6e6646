using System.Text;
using ImSidecar.Msrp.Relay;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests.Relay;

/// <summary>RFC 4976 6, RFC 4975 10: what a relay does not pass on, and what it says then.</summary>
public sealed class RelayRefusalTests : IDisposable
{
    private readonly List<RelayHost> _relays = [];

    public void Dispose() => _relays.ForEach(each => each.Dispose());

    [Fact]
    public async Task A_session_that_it_does_not_know_is_481()
    {
        var relay = Start();
        using var end = await RelayEnd.ConnectAsync(relay.Port, "end");

        await end.SendAsync([new("127.0.0.1", relay.Port, "0123456789abcdef"), end.Local], "x"u8.ToArray());
        Assert.Equal(481, await end.ReadAnswerAsync());
        Assert.Equal(481, (await end.AskAsync("NICKNAME", [relay.Uri, end.Local])).Head.Status);
    }

    [Fact]
    public async Task Nobody_else_sends_through_a_clients_session_in_his_name()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");
        using var thief = await RelayEnd.ConnectAsync(relay.Port, alice);

        await thief.SendAsync([new("127.0.0.1", 9, "victim")], "x"u8.ToArray());

        var answer = await thief.ReadAsync();
        Assert.Equal((403, "Forbidden: not your session"), (answer.Head.Status, Comment(answer)));
    }

    [Fact]
    public async Task Who_is_no_client_reaches_nobody_but_the_client()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");
        using var stranger = await RelayEnd.ConnectAsync(relay.Port, "stranger");

        await stranger.SendAsync([alice.UsePath[0], new("127.0.0.1", 9, "somebody")], "x"u8.ToArray());

        Assert.Equal("x", Encoding.UTF8.GetString((await alice.ReadSendAsync()).Body.Span));
    }

    [Fact]
    public async Task A_stranger_who_takes_the_name_of_a_relay_gets_nothing_that_is_for_it()
    {
        var relay = Start();
        var outer = Start();
        using var alice = await relay.JoinAsync("alice");
        using var stranger = await RelayEnd.ConnectAsync(relay.Port, "stranger");
        foreach (var name in (MsrpUri[])[outer.Uri, new("127.0.0.1", outer.Port, "0123456789abcdef")])
        {
            await stranger.WriteAsync(
                $"MSRP x123 SEND\r\nTo-Path: {alice.UsePath[0]} {alice.Local}\r\nFrom-Path: {name}\r\n"
                + "Message-ID: m1234\r\n-------x123$\r\n");
            await alice.ReadSendAsync();
        }

        await alice.JoinAsync(outer.Uri, "alice");

        Assert.Equal([relay.Port, outer.Port], alice.UsePath.Select(each => each.EffectivePort));
    }

    [Fact]
    public async Task One_session_connects_to_so_many_next_hops_and_no_more()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");
        var hops = new List<System.Net.Sockets.TcpListener>();
        for (var i = 1; i <= 33; i++)
        {
            var hop = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Parse($"127.0.1.{i}"), 0);
            hop.Start();
            hops.Add(hop);
            var port = ((System.Net.IPEndPoint)hop.LocalEndpoint).Port;
            await alice.SendAsync([new($"127.0.1.{i}", port, $"peer{i}0000000000")], "x"u8.ToArray());
            var answer = await alice.ReadAsync();

            Assert.Equal(i == 33 ? (403, "Forbidden: too many next hops") : (200, "OK"), (answer.Head.Status, Comment(answer)));
        }

        hops.ForEach(each => each.Dispose());
    }

    [Fact]
    public async Task Next_hops_leave_room_for_who_comes_in()
    {
        var relay = Start(options => options with { MaxConnections = 4 });
        using var alice = await relay.JoinAsync("alice");
        var hops = new List<System.Net.Sockets.TcpListener>();
        var statuses = new List<int>();
        for (var i = 1; i <= 3; i++)
        {
            var hop = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Parse($"127.0.1.{i}"), 0);
            hop.Start();
            hops.Add(hop);
            var port = ((System.Net.IPEndPoint)hop.LocalEndpoint).Port;
            await alice.SendAsync([new($"127.0.1.{i}", port, $"peer{i}0000000000")], "x"u8.ToArray());
            statuses.Add((await alice.ReadAsync()).Head.Status);
        }

        Assert.Equal([200, 200, 408], statuses);
        using var bob = await relay.JoinAsync("bob");
        hops.ForEach(each => each.Dispose());
    }

    [Fact]
    public async Task An_answer_without_the_way_back_is_brought_back()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var outer = new MsrpUri("127.0.0.1", ((System.Net.IPEndPoint)listener.LocalEndpoint).Port, null);

        var asking = alice.AskAsync("AUTH", [alice.UsePath[0], outer]);
        using var kamailio = await RelayEnd.AcceptAsync(listener, outer);
        var asked = await kamailio.ReadAsync();
        await kamailio.WriteAsync(
            $"MSRP {asked.Head.TransactionId} 401 Unauthorized\r\nTo-Path: {asked.Head.FromPath[0]}\r\n"
            + $"From-Path: {outer}\r\nWWW-Authenticate: x\r\n-------{asked.Head.TransactionId}$\r\n");

        var answer = (await asking).Head;
        Assert.Equal((401, "x"), (answer.Status, answer.Find("WWW-Authenticate")));
        Assert.Equal([alice.Local], answer.ToPath);
        Assert.Equal([alice.UsePath[0], outer], answer.FromPath);
    }

    [Fact]
    public async Task A_path_that_comes_back_is_a_loop()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");

        await alice.SendAsync([alice.UsePath[0], new("127.0.0.1", 9, "x")], "x"u8.ToArray());

        Assert.Equal(403, await alice.ReadAnswerAsync());
    }

    [Theory]
    [InlineData(false, "", "127.0.0.1", 403)]
    [InlineData(false, "", "169.254.1.1", 403)]
    [InlineData(false, "", "[::1]", 403)]
    [InlineData(true, "", "0.0.0.0", 403)]
    [InlineData(true, "", "224.0.0.1", 403)]
    [InlineData(true, "10.0.0.0/8", "127.0.0.1", 403)]
    [InlineData(true, "127.0.0.1:10", "127.0.0.1", 403)]
    [InlineData(true, "127.0.0.1:9", "127.0.0.1", 200)]
    [InlineData(true, "127.0.0.0/8", "127.0.0.1", 200)]
    public async Task A_next_hop_that_is_not_allowed_is_403(bool allowsLoopback, string rule, string host, int status)
    {
        var relay = Start(options => options with
        {
            AllowLoopbackTargets = allowsLoopback,
            AllowedTargets = rule.Length == 0 ? [] : [rule],
        });
        using var alice = await relay.JoinAsync("alice");

        await alice.SendAsync([new(host.Trim('[', ']'), 9, "x")], "x"u8.ToArray());

        // Nobody is there, which may be known before the SEND is whole.
        Assert.Contains(await alice.ReadAnswerAsync(), status == 200 ? [200, 408] : new[] { status });
    }

    [Fact]
    public async Task A_name_of_a_next_hop_that_is_not_allowed_is_told_when_it_is_looked_up()
    {
        var relay = Start(options => options with { AllowLoopbackTargets = false });
        using var alice = await relay.JoinAsync("alice");

        await alice.SendAsync([new("localhost", 9, "x")], "x"u8.ToArray());

        // It may be known before the SEND is whole.
        if (await alice.ReadAnswerAsync() is var status && status != 403)
            Assert.Equal((200, 403), (status, (await alice.ReadReportAsync()).Head.ReportStatus));
    }

    [Fact]
    public async Task A_message_that_is_too_long_is_413()
    {
        var relay = Start(options => options with { MaxMessageBytes = 100_000 });
        using var alice = await relay.JoinAsync("alice");
        using var bob = await relay.JoinAsync("bob");

        await alice.SendAsync(bob.Path, new byte[10], range: new(1, 10, 100_001));
        Assert.Equal(413, await alice.ReadAnswerAsync());

        await alice.SendAsync(bob.Path, new byte[150_000], range: new(1, null, null));
        Assert.Equal(413, await alice.ReadAnswerAsync());
        await alice.SendAsync(bob, "Short");
        Assert.Equal(200, await alice.ReadAnswerAsync());
    }

    [Theory]
    [InlineData("FOO", "", 501)]
    [InlineData("SEND", "", 400)]
    [InlineData("SEND", "Message-ID: m1234\r\n", 200)]
    [InlineData("SEND", "Message-ID: m1234\r\nByte-Range: 2-x/3\r\n", 400)]
    public async Task What_is_for_the_relay_itself_is_answered(string method, string fields, int status)
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");

        Assert.Equal(status, (await alice.AskAsync(method, [alice.UsePath[0]], fields)).Head.Status);
    }

    [Fact]
    public async Task A_method_nobody_knows_is_passed_on()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");
        using var bob = await relay.JoinAsync("bob");

        await alice.WriteAsync(
            $"MSRP f123 FOO\r\nTo-Path: {alice.UsePath[0]} {string.Join(' ', bob.Path)}\r\nFrom-Path: {alice.Local}\r\n"
            + "X: y\r\n-------f123$\r\n");

        var got = await bob.ReadAsync();
        Assert.Equal((MsrpMethod.Unknown, "f123", "y"), (got.Head.Method, got.Head.TransactionId, got.Head.Find("X")));
    }

    [Fact]
    public async Task With_OnlyPeers_a_stranger_sends_nothing()
    {
        var relay = Start(options => options with { OnlyPeers = true });
        using var alice = await relay.JoinAsync("alice");
        using var bob = await relay.JoinAsync("bob");
        using var stranger = await RelayEnd.ConnectAsync(relay.Port, "stranger");

        await stranger.SendAsync(alice, "x");
        Assert.Equal(403, await stranger.ReadAnswerAsync());
        await bob.SendAsync(alice, "y");
        Assert.Equal(200, await bob.ReadAnswerAsync());
    }

    [Fact]
    public async Task A_connection_of_no_use_is_closed()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");
        using var stranger = await RelayEnd.ConnectAsync(relay.Port, "stranger");
        await stranger.AskAsync("AUTH", [relay.Uri]);

        await relay.PassAsync(relay.Options.BindTimeout + TimeSpan.FromSeconds(1));
        relay.Server.Supervise();

        Assert.Null(await stranger.TryReadAsync());
        Assert.Equal(401, (await alice.AskAsync("AUTH", [relay.Uri])).Head.Status);
    }

    [Fact]
    public async Task Beyond_the_limit_a_connection_is_closed_at_once()
    {
        var relay = Start(options => options with { MaxConnections = 1 });
        using var alice = await relay.JoinAsync("alice");

        try
        {
            using var second = await RelayEnd.ConnectAsync(relay.Port, "second");
            Assert.Null(await second.TryReadAsync());
        }
        catch (System.Net.Sockets.SocketException)
        {
            // So soon that it did not even begin.
        }
    }

    [Fact]
    public async Task What_is_no_MSRP_ends_the_connection()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");

        await alice.WriteAsync("GET / HTTP/1.1\r\n\r\n");

        Assert.Null(await alice.TryReadAsync());
    }

    private RelayHost Start(Func<RelayOptions, RelayOptions>? change = null)
    {
        var relay = new RelayHost(change);
        _relays.Add(relay);
        return relay;
    }

    private static string Comment(MsrpFrame frame) => frame.Head.ToString().Split("\r\n")[0].Split(' ', 4)[3];
}
