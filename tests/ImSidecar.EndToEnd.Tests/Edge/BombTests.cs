using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>Too many headers, too long ones, too much of everything: refused, and the next request is served at once.</summary>
public class BombTests(DemoProfile profile) : Flow(profile)
{
    private static readonly int[] _refusals = [400, 413, 493, 513, 500, 503];

    public static TheoryData<string, int> Headers => new()
    {
        { "X-Many: 1\r\n", 1_000 },
        { "X-Long: " + new string('a', 55_000) + "\r\n", 1 },
        { "Supported: " + string.Join(",", Enumerable.Repeat("x", 25_000)) + "\r\n", 1 },
        { "Via: SIP/2.0/UDP 127.0.9.1;branch=z9hG4bKx\r\n", 1_000 },
        { "Route: <sip:127.0.9.1;lr>\r\n", 2_000 },
        { "Record-Route: <sip:127.0.9.1;lr>\r\n", 1_500 },
        { "P-Asserted-Identity: <sip:alice@example.com>\r\n", 1_000 },
        { "Contact: <sip:a@127.0.9.1>\r\n", 1_500 },
        { "Accept-Contact: *;+g.oma.sip-im;+x=\"" + new string(';', 50_000) + "\"\r\n", 1 },
        { "Subject: " + new string('"', 50_001) + "\r\n", 1 },
    };

    [Theory, MemberData(nameof(Headers))]
    public async Task Headers_by_UDP(string header, int times)
    {
        using var dave = new Attacker();
        Profile.Capture.Exempt(dave.Local.Port, "a bomb", answersToo: true);
        var bob = await Register("bob");
        var challenge = await dave.AskOnceAsync(dave.Request("INVITE", DemoProfile.Factory));

        foreach (var port in (int[])[5060, 5070])
        {
            var request = dave.Authorize(Invite(dave), challenge).AddFirst("Via", dave.Via());
            await dave.SendAsync(With(request, header, times), new(IPAddress.Loopback, port));
        }

        await AssertServedAsync(bob);
    }

    [Theory, MemberData(nameof(Headers))]
    public async Task Headers_by_TCP(string header, int times)
    {
        var bob = await Register("bob");

        foreach (var port in (int[])[5060, 5070])
        {
            using var dave = new Attacker();
            var request = Invite(dave).AddFirst("Via", "SIP/2.0/TCP 127.0.0.1:9;branch=" + Token.NewBranch());
            using var connection = await ConnectAsync(port);
            await SayAsync(connection, With(request, header, times * 10));
        }

        await AssertServedAsync(bob);
    }

    [Fact]
    public async Task More_headers_than_we_take_get_513()
    {
        var alice = await Register("alice");
        var headers = Enumerable.Range(0, 1_000).Select(i => ("X-" + i, (string?)"1")).ToList();

        var answer = await Refusal(alice, ["sip:bob@example.com"], new() { Headers = headers });

        Assert.Equal(513, answer.Status);
        Assert.NotNull(WarningOf(answer));
        await AssertServedAsync(await Register("bob"));
    }

    [Fact]
    public async Task A_list_of_5000_gets_486()
    {
        var alice = await Register("alice", SipProtocol.Tcp);

        var answer = await Refusal(alice, [.. Enumerable.Range(0, 5_000).Select(i => $"sip:u{i}@example.com")]);

        Assert.Contains(answer.Status, (int[])[413, 486]);
        Assert.NotNull(WarningOf(answer));
        await AssertServedAsync(await Register("bob"));
    }

    [Fact]
    public async Task A_body_of_almost_a_megabyte_is_answered()
    {
        var alice = await Register("alice", SipProtocol.Tcp);
        var answer = await Refusal(
            alice, ["sip:bob@example.com"], new() { RawBody = ("application/sdp", Padded()) });

        Assert.Contains(answer.Status, _refusals);
        await AssertServedAsync(await Register("bob"));
    }

    [Fact]
    public async Task What_cannot_be_put_right_gets_513()
    {
        var alice = await Register("alice", SipProtocol.Tcp);
        var bob = await Register("bob");

        var answer = await Refusal(
            alice, [bob.AddressOfRecord],
            new() { Headers = [("Record-Route", "<sip:127.0.9.1;lr>"), ("X-Long", new string('a', 100_000))] });

        Assert.Equal(513, answer.Status);
        Assert.False(bob.IncomingCalls.TryPeek(out _));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("100000")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("5\r\nContent-Length: 700")]
    [InlineData("five")]
    [InlineData("")]
    public async Task A_Content_Length_that_lies(string length)
    {
        using var dave = new Attacker();
        Profile.Capture.Exempt(dave.Local.Port, "a lie", answersToo: true);
        var text = Encoding.UTF8.GetString(SipCodec.Write(Invite(dave).AddFirst("Via", dave.Via())));
        var lying = Encoding.UTF8.GetBytes(Lying(text, length));

        foreach (var port in (int[])[5060, 5070])
        {
            await dave.SendAsync(lying, new(IPAddress.Loopback, port));
            using var connection = await ConnectAsync(port);
            await SayAsync(connection, lying);
        }

        await AssertServedAsync(await Register("bob"));
    }

    [Fact]
    public async Task A_header_line_that_never_ends_costs_its_connection()
    {
        foreach (var port in (int[])[5060, 5070])
        {
            using var connection = await ConnectAsync(port);
            await SayAsync(connection, Encoding.UTF8.GetBytes("INVITE sip:a@im.example.com SIP/2.0\r\nX-Endless: "));
            var piece = Encoding.UTF8.GetBytes(new string('a', 65_536));
            var closed = false;
            for (var i = 0; i < 40 && !closed; i++)
                closed = !await SayAsync(connection, piece);

            Assert.True(closed);
        }

        await AssertServedAsync(await Register("bob"));
    }

    [Fact]
    public async Task A_hundred_that_speak_a_byte_at_a_time_stop_nobody()
    {
        var connections = new List<Socket>();
        try
        {
            for (var i = 0; i < 100; i++)
                connections.Add(await ConnectAsync(5060));
            for (var at = 0; at < 30; at++)
            {
                foreach (var connection in connections)
                    await SayAsync(connection, "INVITE sip:a@im.example.com SIP/2.0\r\n"u8.ToArray().AsMemory(at, 1));
            }

            await AssertServedAsync(await Register("bob", SipProtocol.Tcp));
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
    }

    // The next one to ask, and a session at once.
    private async Task AssertServedAsync(Handset bob)
    {
        var carol = await Register("carol");
        var group = await Group.StartAsync(carol, [bob]);
        Assert.Equal(200, await group.SayAsync(carol, "unharmed"));
        Assert.Equal(200, (await Within(group[carol].ByeAsync())).Status);
        Profile.ThrowIfDead();
        Assert.True(await Profile.IsReadyAsync());
    }

    private static SipMessage Invite(Attacker dave)
    {
        // Nobody is there, so that what is taken in the end rings nowhere.
        var (type, body) = Flows.Bodies.Multipart(list: Flows.Bodies.List.Replace("sip:bob@", "sip:absent@"));
        return dave.Request("INVITE", DemoProfile.Factory)
            .Add("Contact", dave.Contact)
            .Add("Require", "recipient-list-invite")
            .WithBody(type, body);
    }

    private static byte[] With(SipMessage request, string header, int times)
    {
        var text = Encoding.UTF8.GetString(SipCodec.Write(request));
        var end = text.IndexOf("Max-Forwards", StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Insert(end, string.Concat(Enumerable.Repeat(header, times))));
    }

    private static string Lying(string message, string length)
    {
        var at = message.IndexOf("Content-Length: ", StringComparison.Ordinal) + "Content-Length: ".Length;
        return message[..at] + length + message[message.IndexOf("\r\n", at, StringComparison.Ordinal)..];
    }

    // A description that goes on and on.
    private static byte[] Padded() => Encoding.UTF8.GetBytes(
        Flows.Bodies.Offer.ReplaceLineEndings("\r\n") + string.Concat(Enumerable.Repeat("a=x\r\n", 199_900)));

    private async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), TestContext.Current.CancellationToken);
        Profile.Capture.Exempt(((IPEndPoint)socket.LocalEndPoint!).Port, "bytes over TCP", answersToo: true);
        return socket;
    }

    /// <summary>False if the other side has closed.</summary>
    private static async Task<bool> SayAsync(Socket connection, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await connection.SendAsync(bytes, TestContext.Current.CancellationToken);
            return !connection.Poll(TimeSpan.FromMilliseconds(1), SelectMode.SelectRead) || connection.Available > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
