namespace ImSidecar.Server.Tests.Grpc;

/// <summary>grpc.health.v1 over the board.</summary>
public class HealthTests(GrpcTestHost host) : IClassFixture<GrpcTestHost>
{
    [Fact]
    public async Task Watch_tells_the_status_and_each_change()
    {
        host.Health.Set("", serving: true);
        using var client = PythonClient.Start("health", $"unix:{host.SocketPath}");

        Assert.Equal("3", await client.ReadLineAsync());
        host.Health.Set("test.Calls", serving: true);
        Assert.Equal("1", await client.ReadLineAsync());
        host.Health.Set("other", serving: true);
        host.Health.Set("test.Calls", serving: false);
        Assert.Equal("2", await client.ReadLineAsync());
    }
}
