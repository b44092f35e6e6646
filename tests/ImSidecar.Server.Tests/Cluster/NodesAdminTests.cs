using System.Text.Json;
using ImSidecar.Server.Tests.Admin;
using ImSidecar.Server.Tests.Stores.Deferred;

namespace ImSidecar.Server.Tests.Cluster;

/// <summary>imsidecarctl nodes, of one node alone and of several.</summary>
[Collection(nameof(ClusterAlone))]
public class NodesAdminTests(PostgresServer server)
{
    [Fact]
    public async Task One_alone_owns_everything()
    {
        await using var host = await AdminHost.StartAsync();

        var (code, output, _) = await host.ControlAsync("nodes");

        Assert.Equal(0, code);
        Assert.Matches(@"test-node \* +live +0 +\S+ +1024/1024 ", output);
        Assert.Contains("test-node is alone", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_each_is_told_with_what_it_owns()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (scene.Make("a"), scene.Make("b"));
        (a.Links, b.Links) = (["k1"], ["k1"]);
        await a.StartAsync();
        await b.StartAsync();
        await ClusterScene.BalancedAsync(a, b);
        await using var host = await AdminHost.StartAsync(membership: a.Node);

        var (code, output, _) = await host.ControlAsync("nodes", "--json");

        Assert.Equal(0, code);
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal("a", answer.GetProperty("asked").GetString());
        Assert.Equal(["a", "b"], answer.GetProperty("nodes").EnumerateArray()
            .Select(each => each.GetProperty("name").GetString()));
        Assert.Equal(1024, answer.GetProperty("nodes").EnumerateArray()
            .Sum(each => each.GetProperty("slotsOwned").GetInt32()));
        Assert.All(answer.GetProperty("nodes").EnumerateArray(), each => Assert.Equal(
            each.GetProperty("slotsOwned").GetInt32(), each.GetProperty("slotsDesired").GetInt32()));
        Assert.All(answer.GetProperty("nodes").EnumerateArray(), each => Assert.Equal(
            "k1", Assert.Single(each.GetProperty("kamailios").EnumerateArray()).GetString()));
    }

    [Fact]
    public async Task One_that_has_lost_a_Kamailio_is_told_and_so_is_one_that_the_database_does_not_hear()
    {
        await using var scene = await ClusterScene.StartAsync(server);
        var (a, b) = (scene.Make("a"), scene.Make("b"));
        (a.Links, b.Links) = (["k1"], ["k1"]);
        await a.StartAsync();
        await b.StartAsync();
        await ClusterScene.BalancedAsync(a, b);
        b.Links = [];
        await ClusterScene.BalancedAsync(a);
        await using var host = await AdminHost.StartAsync(membership: a.Node);

        var (code, output, _) = await host.ControlAsync("nodes");
        a.Freeze();
        await ClusterScene.UntilAsync(() => !a.Ownership.IsServing);
        var (frozenCode, frozen, _) = await host.ControlAsync("nodes");
        a.Thaw();

        Assert.Equal((1, 1), (code, frozenCode));
        Assert.Contains("! Node b has fewer Kamailios than another", output, StringComparison.Ordinal);
        Assert.Contains("! This node, a, serves nobody", frozen, StringComparison.Ordinal);
    }
}
