using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 4975 and RFC 6135: who connects to whom, and what connections are good for.</summary>
public class MsrpConnectionTests(DemoProfile profile) : Flow(profile)
{
    [Fact]
    public async Task The_switch_connects_to_who_only_listens()
    {
        var (alice, bob, carol) = await RegisterThree();

        var group = await Group.StartAsync(
            alice, [bob, carol],
            new() { Msrp = new() { OfferedSetup = SetupRole.Passive } },
            new() { Msrp = new() { PreferredSetup = SetupRole.Passive } });
        Assert.Equal(200, await group.SayAsync(alice, "you connected"));

        Assert.All([alice, bob, carol], handset => Assert.False(group[handset].Msrp!.IsActive));
        Assert.Equal("you connected", (await group.HearAsync(carol)).Text);
    }

    [Fact]
    public async Task Who_lost_the_connection_comes_back_on_a_new_one()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        group[bob].Msrp!.DropConnection();
        await Within(ConnectAgainAsync(group[bob].Msrp!));
        Assert.Equal(200, await group.SayAsync(bob, "here again"));

        Assert.Equal("here again", (await group.HearAsync(carol)).Text);
        Assert.False(group[bob].Ended.IsCompleted);
    }

    [Fact]
    public async Task A_slow_reader_holds_nobody_up()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol], accept: new() { Msrp = new() { MaxSize = null } });
        group[bob].Msrp!.PauseReading();
        var line = new string('x', 60_000);

        for (var number = 0; number < 100; number++)
            Assert.Equal(200, await group.SayAsync(alice, $"{number} {line}"));

        for (var number = 0; number < 100; number++)
            Assert.StartsWith($"{number} ", (await group.HearAsync(carol)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("x")]
    public async Task A_session_that_is_none_gets_481(string session)
    {
        var answer = await AnswerTo(EmptySend(
            $"msrp://127.0.0.1:2855/{session};tcp", "msrp://127.0.0.1:9/abcdefgh;tcp"));

        Assert.StartsWith("MSRP abcd1234 481", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_MSRP_ends_the_connection() =>
        Assert.Equal("", await AnswerTo("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", isMalformed: true));

    [Fact]
    public async Task Nobody_binds_to_a_leg_that_is_bound_already()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var session = group[bob].Msrp!;

        var answer = await AnswerTo(EmptySend($"{session.Remote!.Path[0]}", $"{session.Local}"));

        Assert.StartsWith("MSRP abcd1234 506", answer, StringComparison.Ordinal);
        Assert.Equal(200, await group.SayAsync(alice, "to the real bob"));
        Assert.Equal("to the real bob", (await group.HearAsync(bob)).Text);
    }

    // 506 until the switch has noticed that the old connection is gone, RFC 4975 10.5.
    private static async Task ConnectAgainAsync(MsrpSession session)
    {
        do
            await session.ConnectAsync();
        while (await session.KeepAliveAsync() == 506);
    }

    private static string EmptySend(string to, string from) =>
        $"MSRP abcd1234 SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: 12345678\r\n-------abcd1234$\r\n";

    // Nothing when the switch closes the connection.
    private async Task<string> AnswerTo(string request, bool isMalformed = false)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var peer = new TcpClient();
        await peer.ConnectAsync(IPAddress.Loopback, 2855, cancellation);
        if (isMalformed)
            Profile.Capture.Exempt(((IPEndPoint)peer.Client.LocalEndPoint!).Port, "no MSRP on the MSRP port");

        await using var stream = peer.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), cancellation);
        var buffer = new byte[2048];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await Within(stream.ReadAsync(buffer, cancellation).AsTask()));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
