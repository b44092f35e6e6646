namespace ImSidecar.Server.Tests.Grpc;

/// <summary>A host that stops ends the streams by itself.</summary>
public class ServerStopTests(GrpcTestHost host) : IClassFixture<GrpcTestHost>
{
    [Fact]
    public async Task Open_streams_end_with_UNAVAILABLE_and_the_host_stops_at_once()
    {
        using var client = PythonClient.Start("stay", $"unix:{host.SocketPath}", "stopping");
        Assert.Equal("held", await client.ReadLineAsync());

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal("UNAVAILABLE", await client.ReadLineAsync());
        await host.Ended("stopping");
    }
}
