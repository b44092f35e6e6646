using System.Net;
using System.Net.Sockets;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Tests;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 4475: messages made to break parsers.</summary>
public class TortureTests(DemoProfile profile) : Flow(profile)
{
    [Theory]
    [InlineData(5060)]
    [InlineData(5070)]
    public async Task They_leave_both_processes_healthy(int port)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        Profile.Capture.Exempt(((IPEndPoint)socket.Client.LocalEndPoint!).Port, "RFC 4475", answersToo: true);
        var messages = Vectors.Names("sip-torture", "*.dat").Select(Vectors.Read).ToList();

        foreach (var message in messages)
            await socket.SendAsync(message, "127.0.0.1", port, TestContext.Current.CancellationToken);

        Assert.Equal(50, messages.Count);
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        Assert.Equal(200, await group.SayAsync(bob, "unharmed"));
        Profile.ThrowIfDead();
        Assert.True(await Profile.IsReadyAsync());
    }
}
