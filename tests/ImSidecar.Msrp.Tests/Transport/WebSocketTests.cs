using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using ImSidecar.Msrp.Relay;
using ImSidecar.Msrp.Tests.Relay;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp.Tests.Transport;

/// <summary>RFC 7977: MSRP over a real WebSocket, as a browser has it.</summary>
public sealed class WebSocketTests : IAsyncDisposable
{
    private readonly List<WebSocket> _sockets = [];
    private readonly TestCertificates _certificates = new();
    private readonly string _users = Path.GetTempFileName();
    private WebApplication? _host;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_browsers_talk_and_each_frame_is_one_message()
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice");
        var bob = await JoinAsync(theSwitch, "bob");

        await SendAsync(alice, Send("alice", "hello"));

        Assert.StartsWith("MSRP t1 200 OK", await ReadAsync(alice), StringComparison.Ordinal);
        var heard = await ReadAsync(bob);
        Assert.Contains("\r\n\r\nhello\r\n-------", heard, StringComparison.Ordinal);
        Assert.EndsWith("$\r\n", heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_frames_in_one_message_and_one_in_several_are_taken()
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice");
        var frames = Send("alice", "one", "t1") + Send("alice", "two", "t2") + Send("alice", "three", "t3");

        await SendAsync(alice, frames[..70]);
        await SendAsync(alice, frames[70..200]);
        await alice.SendAsync(Bytes(frames[200..300]), WebSocketMessageType.Binary, false, Cancellation);
        await alice.SendAsync(Bytes(frames[300..]), WebSocketMessageType.Binary, true, Cancellation);

        foreach (var transaction in new[] { "t1", "t2", "t3" })
            Assert.StartsWith($"MSRP {transaction} 200 OK", await ReadAsync(alice), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_writes_text_gets_text_as_far_as_it_is_some()
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice", WebSocketMessageType.Text);
        var bob = await JoinAsync(theSwitch, "bob", WebSocketMessageType.Binary);

        await SendAsync(bob, Send("bob", "grüße"));
        Assert.Contains("grüße", await ReadAsync(alice, WebSocketMessageType.Text), StringComparison.Ordinal);

        var body = Peer.Cpim("\u0001", SwitchWorld.Aor("bob"), SwitchWorld.Group);
        body[^1] = 0xFF;
        byte[] bytes = [.. Bytes(Head("bob", "t2")), .. body, .. Bytes("\r\n-------t2$\r\n")];
        await bob.SendAsync(bytes, WebSocketMessageType.Binary, true, Cancellation);
        Assert.Contains("\r\n-------", await ReadAsync(alice, WebSocketMessageType.Binary), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_message_comes_in_chunks_that_are_messages()
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice");
        var bob = await JoinAsync(theSwitch, "bob");
        var text = new string('x', 300_000);

        await SendAsync(alice, Send("alice", text));
        var heard = new StringBuilder();
        for (var flag = '+'; flag == '+';)
        {
            var chunk = await ReadAsync(bob);
            var body = chunk[(chunk.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
            heard.Append(body[..body.LastIndexOf("\r\n-------", StringComparison.Ordinal)]);
            flag = chunk[^3];
            var transaction = chunk.Split(' ')[1];
            await SendAsync(bob, $"MSRP {transaction} 200 OK\r\nTo-Path: {SwitchWorld.OurUri("bob")}\r\n"
                + $"From-Path: {SwitchWorld.PeerUri("bob")}\r\n-------{transaction}$\r\n");
        }

        Assert.EndsWith("\r\n\r\n" + text, heard.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sip", null, HttpStatusCode.BadRequest)]
    [InlineData(null, null, HttpStatusCode.BadRequest)]
    [InlineData("msrp", "https://evil.example.com", HttpStatusCode.Forbidden)]
    public async Task Who_asks_for_something_else_or_comes_from_elsewhere_is_refused(
        string? subprotocol, string? origin, HttpStatusCode status)
    {
        await StartAsync(("MsrpWebSocket:AllowedOrigins:0", "https://im.example.com"));
        using var socket = Client(subprotocol, origin);

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Url, Cancellation));

        Assert.Equal(status, socket.HttpStatusCode);
    }

    [Fact]
    public async Task The_page_that_may_and_programs_without_a_page_are_let_in()
    {
        await StartAsync(("MsrpWebSocket:AllowedOrigins:0", "https://im.example.com"));
        foreach (var origin in new[] { "https://im.example.com", null })
        {
            using var socket = Client("msrp", origin);
            await socket.ConnectAsync(Url, Cancellation);
            Assert.Equal("msrp", socket.SubProtocol);
        }

        using var http = new HttpClient();
        var answer = await http.GetAsync(new UriBuilder(Url) { Scheme = "http" }.Uri, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Beyond_as_many_as_there_may_be_nobody_is_let_in()
    {
        await StartAsync(("MsrpWebSocket:MaxConnections", "1"));
        using var first = Client("msrp");
        await first.ConnectAsync(Url, Cancellation);

        using var second = Client("msrp");
        await Assert.ThrowsAsync<WebSocketException>(() => second.ConnectAsync(Url, Cancellation));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.HttpStatusCode);

        await first.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancellation);
        for (var isIn = false; !isIn;)
        {
            using var third = Client("msrp");
            isIn = await Record.ExceptionAsync(() => third.ConnectAsync(Url, Cancellation)) is null;
        }
    }

    [Fact]
    public async Task A_message_beyond_the_limit_ends_the_connection()
    {
        var theSwitch = await StartAsync(("MsrpWebSocket:MaxMessageBytes", "4096"));
        var alice = await JoinAsync(theSwitch, "alice");

        await SendAsync(alice, Send("alice", new string('x', 5000)));

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await EndAsync(alice));
    }

    [Fact]
    public async Task What_is_not_MSRP_ends_the_connection()
    {
        await StartAsync();
        using var socket = Client("msrp");
        await socket.ConnectAsync(Url, Cancellation);

        await SendAsync(socket, "GET / HTTP/1.1\r\n\r\n");

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await EndAsync(socket));
    }

    [Fact]
    public async Task Who_goes_is_told_of_and_may_come_again()
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice");

        await alice.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancellation);

        Assert.Equal(MsrpLoss.Closed, Assert.IsType<MsrpLegLost>(await NextEventAsync(theSwitch)).Loss);
        await JoinAsync(theSwitch, "alice");
    }

    [Fact]
    public async Task A_leg_that_was_agreed_over_TCP_with_a_certificate_is_not_for_a_browser()
    {
        var theSwitch = await StartAsync();
        await theSwitch.OpenLegAsync(SwitchWorld.Leg("alice") with { Fingerprints = ["SHA-256 00"] });
        using var socket = Client("msrp");
        await socket.ConnectAsync(Url, Cancellation);

        await SendAsync(socket, Send("alice", "hello"));

        Assert.StartsWith("MSRP t1 403", await ReadAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_comes_by_HTTPS_and_is_not_asked_who_it_is()
    {
        using var certificate = TestCertificates.New("im.example.com");
        _certificates.Write(certificate);
        var theSwitch = await StartAsync(
            ("MsrpTls:CertificateFile", _certificates.CertificateFile), ("MsrpTls:KeyFile", _certificates.KeyFile),
            ("MsrpTls:ClientCertificates", "Require"));
        await theSwitch.OpenLegAsync(SwitchWorld.Leg("alice") with
        {
            LocalUri = new("127.0.0.1", 443, SwitchWorld.OurUri("alice").SessionId, "ws", isSecure: true),
            RemotePath = [new("a.invalid", 2855, "alicepeer", "ws", isSecure: true)],
        });
        using var socket = Client("msrp");
        socket.Options.RemoteCertificateValidationCallback =
            (_, seen, _, _) => seen!.GetCertHashString() == certificate.GetCertHashString();
        await socket.ConnectAsync(SecureUrl, Cancellation);

        await SendAsync(socket, Send("alice", "hello"));

        Assert.StartsWith("MSRP t1 200 OK", await ReadAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_answers_no_ping_is_gone()
    {
        var theSwitch = await StartAsync(
            ("MsrpWebSocket:KeepAliveInterval", "00:00:00.2"), ("MsrpWebSocket:KeepAliveTimeout", "00:00:00.2"));
        theSwitch.OpenLeg(SwitchWorld.Leg("alice"));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Url.Port, Cancellation);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Bytes("GET /msrp HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: msrp\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), Cancellation);
        var bind = Bytes($"MSRP b1 SEND\r\nTo-Path: {SwitchWorld.OurUri("alice")}\r\n"
            + $"From-Path: {SwitchWorld.PeerUri("alice")}\r\nMessage-ID: b1\r\n-------b1$\r\n");

        // One frame of binary data, with a mask of zeros.
        await stream.WriteAsync(
            (byte[])[0x82, 0x80 | 126, (byte)(bind.Length >> 8), (byte)bind.Length, 0, 0, 0, 0, .. bind], Cancellation);

        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
        Assert.IsType<MsrpLegLost>(await NextEventAsync(theSwitch));
    }

    [Fact]
    public async Task A_browser_with_a_session_at_the_relay_and_a_phone_talk()
    {
        var relay = new MsrpUri("127.0.0.1", FreePort.Next(), null);
        await File.WriteAllLinesAsync(_users, [RelayHost.Line("alice"), RelayHost.Line("bob")], Cancellation);
        await StartAsync(
            ("Relay:Listen", $"127.0.0.1:{relay.Port}"), ("Relay:DigestFile", _users), ("Relay:AllowPlainAuth", "true"),
            ("Relay:Realm", RelayHost.Realm));
        using var socket = Client("msrp");
        await socket.ConnectAsync(Url, Cancellation);
        using var browser = new RelayEnd(
            WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true),
            new("a.invalid", 2855, "alice1", "ws"));
        using var phone = await RelayEnd.ConnectAsync(relay.EffectivePort, "bob");
        await browser.JoinAsync(relay, "alice");
        await phone.JoinAsync(relay, "bob");

        await browser.SendAsync(phone, "from the browser");
        Assert.Equal("from the browser", Encoding.UTF8.GetString((await phone.ReadSendAsync()).Body.Span));
        await phone.SendAsync(browser, "from the phone");
        Assert.Equal("from the phone", Encoding.UTF8.GetString((await browser.ReadSendAsync()).Body.Span));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_one_of_them_sends_the_others_go_on(int seed)
    {
        var theSwitch = await StartAsync();
        var alice = await JoinAsync(theSwitch, "alice");
        var bob = await JoinAsync(theSwitch, "bob");
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            using var socket = Client("msrp");
            await socket.ConnectAsync(Url, Cancellation);
            var bytes = Bytes(Send("carol", new string('x', random.Next(3000))));
            for (var flips = random.Next(6); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            for (var at = 0; at < bytes.Length;)
            {
                var next = Math.Min(bytes.Length - at, random.Next(1, 2000));
                await SpoilAsync(socket, bytes.AsMemory(at, next), random);
                at += next;
            }
        }

        await SendAsync(alice, Send("alice", "still here"));
        Assert.Contains("still here", await ReadAsync(bob), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_is_empty_is_nowhere()
    {
        await StartAsync(("MsrpWebSocket:Path", ""));
        using var socket = Client("msrp");

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Url, Cancellation));

        Assert.Equal(HttpStatusCode.NotFound, socket.HttpStatusCode);
    }

    [Fact]
    public void Each_complaint_names_its_key()
    {
        var failures = new MsrpWebSocketOptionsValidator().Validate(null, new()
        {
            Path = "msrp",
            Announce = "http://im.example.com/",
            AllowedOrigins = ["im.example.com", "https://im.example.com/path"],
            MaxConnections = 0,
            MaxMessageBytes = 1,
            KeepAliveInterval = TimeSpan.Zero,
            KeepAliveTimeout = TimeSpan.FromDays(1),
        }).Failures!.ToList();

        foreach (var property in typeof(MsrpWebSocketOptions).GetProperties().Where(each => each.CanWrite))
        {
            var key = "MsrpWebSocket:" + property.Name + " ";
            Assert.Contains(failures, each => each.StartsWith(key, StringComparison.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        if (_host is not null)
            await _host.DisposeAsync();
        File.Delete(_users);
        _certificates.Dispose();
    }

    private Uri Url => new($"ws://127.0.0.1:{PortAt(0)}/msrp");

    private Uri SecureUrl => new($"wss://127.0.0.1:{PortAt(1)}/msrp");

    private int PortAt(int index) => new Uri(_host!.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(index)).Port;

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Head(string name, string transaction) => $"MSRP {transaction} SEND\r\n"
        + $"To-Path: {SwitchWorld.OurUri(name)}\r\nFrom-Path: {SwitchWorld.PeerUri(name)}\r\n"
        + $"Message-ID: m{transaction}\r\nByte-Range: 1-*/*\r\nContent-Type: message/cpim\r\n\r\n";

    private static string Send(string name, string text, string transaction = "t1")
    {
        var cpim = Encoding.UTF8.GetString(Peer.Cpim(text, SwitchWorld.Aor(name), SwitchWorld.Group));
        return string.Create(
            CultureInfo.InvariantCulture, $"{Head(name, transaction)}{cpim}\r\n-------{transaction}$\r\n");
    }

    private static Task SendAsync(
        WebSocket socket, string text, WebSocketMessageType type = WebSocketMessageType.Binary) =>
        socket.SendAsync(Bytes(text), type, true, Cancellation);

    // The switch may have had enough of it.
    private static async Task SpoilAsync(WebSocket socket, ReadOnlyMemory<byte> bytes, Random random)
    {
        try
        {
            await socket.SendAsync(bytes, WebSocketMessageType.Binary, random.Next(3) > 0, Cancellation);
        }
        catch (WebSocketException)
        {
            Assert.NotEqual(WebSocketState.Open, socket.State);
        }
    }

    private static async Task<string> ReadAsync(WebSocket socket, WebSocketMessageType? type = null)
    {
        var buffer = new byte[128 * 1024];
        for (var length = 0; ;)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), Cancellation)
                .AsTask().WaitAsync(Peer.Patience);
            Assert.NotEqual(WebSocketMessageType.Close, read.MessageType);
            Assert.Equal(type ?? read.MessageType, read.MessageType);
            length += read.Count;
            if (read.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }

    private static async Task<WebSocketCloseStatus?> EndAsync(WebSocket socket)
    {
        var buffer = new byte[4096];
        while ((await socket.ReceiveAsync(buffer, Cancellation).WaitAsync(Peer.Patience)).MessageType
            != WebSocketMessageType.Close)
        {
            // What was answered before.
        }

        return socket.CloseStatus;
    }

    private static async Task<MsrpLegEvent> NextEventAsync(IMsrpSwitch theSwitch) =>
        await theSwitch.Events.ReadAsync().AsTask().WaitAsync(Peer.Patience);

    private ClientWebSocket Client(string? subprotocol, string? origin = null)
    {
        var socket = new ClientWebSocket();
        _sockets.Add(socket);
        socket.Options.CollectHttpResponseDetails = true;
        if (subprotocol is not null)
            socket.Options.AddSubProtocol(subprotocol);
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        return socket;
    }

    private async Task<WebSocket> JoinAsync(
        IMsrpSwitch theSwitch, string name, WebSocketMessageType type = WebSocketMessageType.Binary)
    {
        await theSwitch.OpenLegAsync(SwitchWorld.Leg(name));
        var socket = Client("msrp");
        await socket.ConnectAsync(Url, Cancellation);
        await SendAsync(socket, $"MSRP bind1 SEND\r\nTo-Path: {SwitchWorld.OurUri(name)}\r\n"
            + $"From-Path: {SwitchWorld.PeerUri(name)}\r\nMessage-ID: b1\r\n-------bind1$\r\n", type);
        Assert.StartsWith("MSRP bind1 200 OK", await ReadAsync(socket), StringComparison.Ordinal);
        Assert.IsType<MsrpLegConnected>(await NextEventAsync(theSwitch));
        return socket;
    }

    private async Task<IMsrpSwitch> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Msrp:Listen"] = "127.0.0.1:0";
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;

        builder.Services.AddMsrpSwitch(builder.Configuration);
        builder.Services.AddMsrpRelay(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.ListenRelay();
            if (builder.Configuration["MsrpTls:CertificateFile"] is not null)
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttpsOfMsrp());
        });
        _host = builder.Build();
        _host.MapMsrpWebSocket();
        await _host.StartAsync(Cancellation);
        return _host.Services.GetRequiredService<IMsrpSwitch>();
    }
}
