using ImSidecar.Server.Cluster;

namespace ImSidecar.Server.Tests.Cluster;

public class ClusterOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() =>
        Assert.True(new ClusterOptionsValidator().Validate(null, new()).Succeeded);

    [Theory]
    [InlineData("Heartbeat", 0.01, 2, 3)]
    [InlineData("StopsAfter", 1, 2, 4)]
    [InlineData("DeadAfter", 0.5, 2, 2.2)]
    [InlineData("DeadAfter", 0.5, 2, 90)]
    public void One_that_stops_later_than_others_think_it_dead_is_refused(
        string key, double heartbeat, double stopsAfter, double deadAfter)
    {
        var result = new ClusterOptionsValidator().Validate(null, new()
        {
            Heartbeat = TimeSpan.FromSeconds(heartbeat),
            StopsAfter = TimeSpan.FromSeconds(stopsAfter),
            DeadAfter = TimeSpan.FromSeconds(deadAfter),
        });

        Assert.StartsWith($"Cluster:{key} ", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }
}
