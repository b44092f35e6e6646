using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Tests;

/// <summary>The switch in a host, on Kestrel, over real sockets; RFC 4975 5.4, RFC 6135.</summary>
public sealed class LoopbackTests : IAsyncDisposable
{
    private readonly List<IDisposable> _sockets = [];
    private WebApplication? _host;

    [Theory]
    [InlineData("127.0.0.1"), InlineData("[::1]")]
    public async Task Peers_connect_and_talk(string host)
    {
        var theSwitch = await StartAsync(("Msrp:Listen", host + ":0"));
        var alice = await JoinAsync(theSwitch, "alice");
        var bob = await JoinAsync(theSwitch, "bob");
        var text = new string('x', 500_000);

        await alice.SayAsync(text, SwitchWorld.Aor("alice"), SwitchWorld.Group);

        var got = 0;
        MsrpFrame frame;
        do
        {
            frame = await bob.ReadSendAsync();
            got += frame.Body.Length;
        }
        while (frame.Flag == MsrpFlag.More);

        Assert.Equal(MsrpFlag.Last, frame.Flag);
        Assert.True(got > text.Length);
    }

    [Fact]
    public async Task The_active_side_connects_and_speaks_at_once()
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await theSwitch.OpenLegAsync(Active("bob", ((IPEndPoint)listener.LocalEndpoint).Port));
        var bob = await AcceptAsync(listener, "bob");
        var first = await bob.ReadSendAsync();

        Assert.False(first.Head.HasBody);
        Assert.Equal(SwitchWorld.OurUri("bob"), first.Head.FromPath.Single());
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
        await alice.SayAsync("hello", SwitchWorld.Aor("alice"), SwitchWorld.Group);
        Assert.Equal("hello", Peer.Text(await bob.ReadSendAsync()));
        await bob.SayAsync("hi", SwitchWorld.Aor("bob"), SwitchWorld.Group);
        Assert.Equal("hi", Peer.Text(await alice.ReadSendAsync()));
    }

    [Fact, Trait("Spec", "RFC 4976 6.1")]
    public async Task What_comes_by_another_connection_of_the_peers_relay_is_heard()
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var relay = new MsrpUri("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "r1");
        await theSwitch.OpenLegAsync(Active("bob", 9) with { RemotePath = [relay, SwitchWorld.PeerUri("bob")] });
        var ours = await AcceptAsync(listener, "bob");
        await ours.ReadSendAsync();

        foreach (var text in (string[])["one", "two"])
        {
            var other = await ConnectAsync("bob");
            await other.WriteAsync(Relayed($"{relay} {SwitchWorld.PeerUri("bob")}", text));
            Assert.Equal(200, (await other.ReadAnswerAsync()).Status);
            Assert.Equal(text, Peer.Text(await alice.ReadSendAsync()));
            await other.CloseAsync();
        }

        var stranger = await ConnectAsync("bob");
        await stranger.WriteAsync(Relayed(SwitchWorld.PeerUri("bob").ToString(), "not through it"));
        Assert.Equal(506, (await stranger.ReadAnswerAsync()).Status);
        Assert.False((await ours.ReadSendAsync()).Head.HasBody);
        await alice.SayAsync("hello", SwitchWorld.Aor("alice"), SwitchWorld.Group);
        Assert.Equal("hello", Peer.Text(await ours.ReadSendAsync()));
    }

    [Fact]
    public async Task A_lost_active_leg_connects_again()
    {
        var theSwitch = await StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var leg = Active("bob", ((IPEndPoint)listener.LocalEndpoint).Port);

        await theSwitch.OpenLegAsync(leg);
        var bob = await AcceptAsync(listener, "bob");
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
        await bob.ReadSendAsync();
        await bob.CloseAsync();
        Assert.Equal(new MsrpLegLost(leg.SessionId, "b1", MsrpLoss.Closed), await NextEventAsync(theSwitch));

        await (await AcceptAsync(listener, "bob")).ReadSendAsync();
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
    }

    [Fact]
    public async Task A_peer_that_cannot_be_connected_to_is_told()
    {
        var theSwitch = await StartAsync();
        using var nobody = new ClosedPort();

        await theSwitch.OpenLegAsync(Active("bob", nobody.Port) with { ConnectWithin = TimeSpan.FromSeconds(0.5) });

        Assert.Equal(
            new MsrpLegLost(SwitchWorld.Leg("bob").SessionId, "b1", MsrpLoss.ConnectFailed), await NextEventAsync(theSwitch));
    }

    [Fact]
    public async Task A_peer_that_listens_again_in_time_is_connected_to()
    {
        var theSwitch = await StartAsync();
        using var closed = new ClosedPort();

        await theSwitch.OpenLegAsync(Active("bob", closed.Port));
        var connection = await closed.OpenAsync();

        await Over(connection, "bob").ReadSendAsync();
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
    }

    [Fact]
    public async Task A_path_that_leads_back_to_us_goes_nowhere()
    {
        var theSwitch = await StartAsync();
        await theSwitch.OpenLegAsync(SwitchWorld.Leg("bob", "b2"));

        await theSwitch.OpenLegAsync(SwitchWorld.Leg("alice") with
        {
            Connects = true,
            RemotePath = [new("127.0.0.1", Port, SwitchWorld.OurUri("bob").SessionId)],
        });

        var alice = SwitchWorld.Leg("alice").SessionId;
        Assert.Equal(new MsrpLegConnected(alice, "b1"), await NextEventAsync(theSwitch));
        Assert.Equal(new MsrpLegLost(alice, "b1", MsrpLoss.UnknownToPeer), await NextEventAsync(theSwitch));
    }

    [Fact]
    public async Task A_path_that_leads_back_to_a_leg_that_ends_here_goes_there()
    {
        var theSwitch = await StartAsync();
        var carol = await JoinAsync(theSwitch, "carol");
        var there = SwitchWorld.Leg("bob", "b2") with
        {
            EndsHere = true,
            Identities = [],
            RemotePath = [SwitchWorld.OurUri("alice")],
        };
        await theSwitch.OpenLegAsync(there);

        await theSwitch.OpenLegAsync(SwitchWorld.Leg("alice") with
        {
            Connects = true,
            RemotePath = [new("127.0.0.1", Port, there.SessionId)],
        });
        await carol.SayAsync("for who is away", SwitchWorld.Aor("carol"), SwitchWorld.Group);

        var read = new List<MsrpLegEvent>();
        while (read.Count == 0 || read[^1] is not MsrpMessageArrived)
            read.Add(await NextEventAsync(theSwitch));
        var arrived = (MsrpMessageArrived)read[^1];
        Assert.Equal((there.SessionId, "message/cpim"), (arrived.SessionId, arrived.ContentType));
        theSwitch.AnswerMessage(arrived.SessionId, arrived.Token, MsrpStatus.Ok);
        Assert.DoesNotContain(read, each => each is MsrpLegLost);
    }

    [Fact]
    public async Task A_closed_leg_closes_its_connection()
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice");

        theSwitch.CloseLeg(SwitchWorld.Leg("alice").SessionId);

        Assert.Null(await alice.ReadAsync());
    }

    [Fact]
    public async Task A_stopped_host_closes_connections_at_once_and_loses_no_leg()
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice");

        await SwitchWorld.WithinAsync(_host!.StopAsync(TestContext.Current.CancellationToken));

        Assert.Null(await alice.ReadAsync());
        Assert.False(theSwitch.Events.TryRead(out _));
    }

    [Fact]
    public async Task A_configuration_that_is_not_right_stops_the_start_and_names_the_key()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(("Msrp:Listen", "somewhere"), ("Msrp:MaxBacklogBytes", "1")));

        Assert.Contains("Msrp:Listen must be ADDRESS:PORT", failure.Failures);
        Assert.Contains(
            failure.Failures, each => each.StartsWith("Msrp:MaxBacklogBytes is 1", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets)
            socket.Dispose();

        if (_host is not null)
            await _host.DisposeAsync();
    }

    private Uri Listening => new(_host!.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    private int Port => Listening.Port;

    private string Host => Listening.Host;

    private static MsrpLeg Active(string name, int port) => SwitchWorld.Leg(name) with
    {
        Connects = true,
        RemotePath = [SwitchWorld.PeerUri(name, port)],
    };

    private static async Task<MsrpLegEvent> NextEventAsync(IMsrpSwitch theSwitch) =>
        await theSwitch.Events.ReadAsync().AsTask().WaitAsync(Peer.Patience);

    private async Task<IMsrpSwitch> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Msrp:Listen"] = "127.0.0.1:0";
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;

        builder.Services.AddMsrpSwitch(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenMsrp());
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
        return _host.Services.GetRequiredService<IMsrpSwitch>();
    }

    [Fact]
    public async Task A_report_may_come_by_another_connection_of_the_peers_relay()
    {
        var theSwitch = await StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var relay = new MsrpUri("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "r1");
        var leg = Active("bob", 9) with { RemotePath = [relay, SwitchWorld.PeerUri("bob")], EndsHere = true };
        await theSwitch.OpenLegAsync(leg);
        var ours = await AcceptAsync(listener, "bob");
        await ours.ReadSendAsync();
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
        Assert.True(theSwitch.Send(leg.SessionId, new()
        {
            MessageId = "m123",
            ContentType = "text/plain",
            Body = "hi"u8.ToArray(),
            SuccessReport = true,
        }));
        await ours.ReadSendAsync();
        Assert.Equal(new MsrpMessageSettled(leg.SessionId, "b1", "m123", 200), await NextEventAsync(theSwitch));

        var other = await ConnectAsync("bob");
        await other.WriteAsync(
            $"MSRP r123abc REPORT\r\nTo-Path: {SwitchWorld.OurUri("bob")}\r\n"
            + $"From-Path: {relay} {SwitchWorld.PeerUri("bob")}\r\nMessage-ID: m123\r\nByte-Range: 1-2/2\r\n"
            + "Status: 000 200 OK\r\n-------r123abc$\r\n");

        Assert.Equal(new MsrpMessageReported(leg.SessionId, "b1", "m123", 200), await NextEventAsync(theSwitch));
    }

    [Fact]
    public async Task What_is_cut_off_by_the_end_of_its_leg_is_not_confirmed()
    {
        var theSwitch = await StartAsync();
        await JoinAsync(theSwitch, "alice");
        var bob = await JoinAsync(theSwitch, "bob");
        await theSwitch.OpenLegAsync(SwitchWorld.Leg("carol"));
        await bob.WriteAsync(Frame("carol", "c1", null, "$"));
        Assert.Equal(200, (await bob.ReadAnswerAsync()).Status);
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));

        var text = Relayed(SwitchWorld.PeerUri("bob").ToString(), "half a word");
        await bob.WriteAsync(text[..^20]);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        theSwitch.CloseLeg(SwitchWorld.Leg("bob").SessionId);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        await bob.WriteAsync(text[^20..]);

        Assert.Equal(481, (await bob.ReadAnswerAsync()).Status);
        await bob.WriteAsync(Frame("carol", "c2", null, "$"));
        Assert.Equal(200, (await bob.ReadAnswerAsync()).Status);
    }

    private static string Frame(string name, string id, string? body, string flag) =>
        $"MSRP t{id}abc SEND\r\nTo-Path: {SwitchWorld.OurUri(name)}\r\nFrom-Path: {SwitchWorld.PeerUri(name)}\r\n"
        + $"Message-ID: m{id}xyz\r\n{body}-------t{id}abc{flag}\r\n";

    private static string Relayed(string fromPath, string text) =>
        $"MSRP t{text.Length}abc SEND\r\nTo-Path: {SwitchWorld.OurUri("bob")}\r\nFrom-Path: {fromPath}\r\n"
        + $"Message-ID: m{text.Length}xyz\r\nByte-Range: 1-*/*\r\nContent-Type: message/cpim\r\n\r\n"
        + $"From: <{SwitchWorld.Aor("bob")}>\r\nTo: <{SwitchWorld.Group}>\r\n\r\n"
        + $"Content-Type: text/plain\r\n\r\n{text}\r\n-------t{text.Length}abc$\r\n";

    private async Task<Peer> ConnectAsync(string name)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(Host, Port, TestContext.Current.CancellationToken);
        return Over(client, name);
    }

    private async Task<Peer> JoinAsync(IMsrpSwitch theSwitch, string name)
    {
        await theSwitch.OpenLegAsync(SwitchWorld.Leg(name));
        var peer = await ConnectAsync(name);
        await SwitchWorld.BindAsync(peer);
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
        return peer;
    }

    private async Task<Peer> AcceptAsync(TcpListener listener, string name) =>
        Over(await listener.AcceptTcpClientAsync().WaitAsync(Peer.Patience), name);

    private Peer Over(TcpClient client, string name)
    {
        _sockets.Add(client);
        var stream = client.GetStream();
        return new(
            PipeReader.Create(stream), PipeWriter.Create(stream), SwitchWorld.PeerUri(name), SwitchWorld.OurUri(name));
    }
}
