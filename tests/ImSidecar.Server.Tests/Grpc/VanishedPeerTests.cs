namespace ImSidecar.Server.Tests.Grpc;

/// <summary>A client that is killed or freezes without a word ends its handlers.</summary>
public class VanishedPeerTests(GrpcTestHost host) : IClassFixture<GrpcTestHost>
{
    [Theory]
    [InlineData("unix", "stay")]
    [InlineData("tcp", "stay")]
    [InlineData("unix", "wait")]
    public async Task A_killed_client_ends_its_handler(string transport, string scenario)
    {
        var key = $"{transport} {scenario}";
        var target = transport == "tcp" ? $"ipv4:{host.Tcp}" : $"unix:{host.SocketPath}";
        using var client = PythonClient.Start(scenario, target, key);
        Assert.Equal("held", await client.ReadLineAsync());

        client.Kill();

        await host.Ended(key);
    }

    [Fact]
    public async Task A_frozen_client_is_dropped_by_keepalive_pings()
    {
        await using var impatient = new GrpcTestHost { PingInterval = TimeSpan.FromSeconds(1) };
        await impatient.InitializeAsync();
        using var client = PythonClient.Start("stay", $"unix:{impatient.SocketPath}", "frozen");
        Assert.Equal("held", await client.ReadLineAsync());

        await client.FreezeAsync();

        await impatient.Ended("frozen");
    }
}
