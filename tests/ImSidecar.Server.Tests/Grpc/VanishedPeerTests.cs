using System.Diagnostics;
using System.Globalization;

namespace ImSidecar.Server.Tests.Grpc;

/// <summary>A client that ends, freezes or is left behind without a word ends its handlers.</summary>
public class VanishedPeerTests(GrpcTestHost host) : IClassFixture<GrpcTestHost>
{
    [Theory]
    [InlineData("unix")]
    [InlineData("tcp")]
    public async Task A_killed_client_ends_its_handler(string transport)
    {
        var target = transport == "tcp" ? $"ipv4:{host.Tcp}" : $"unix:{host.SocketPath}";
        using var client = PythonClient.Start("stay", target, $"killed {transport}");
        Assert.Equal("held", await client.ReadLineAsync());

        client.Kill();

        await host.Ended($"killed {transport}");
    }

    [Fact]
    public async Task A_frozen_client_is_dropped_by_keepalive_pings()
    {
        using var client = PythonClient.Start("stay", $"unix:{host.SocketPath}", "frozen");
        Assert.Equal("held", await client.ReadLineAsync());

        using var stop = Process.Start("kill", ["-STOP", client.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await stop.WaitForExitAsync(TestContext.Current.CancellationToken);

        await host.Ended("frozen");
    }
}
