using ImSidecar.Server.Cluster;
using ImSidecar.Server.Tests.Hosting;

namespace ImSidecar.Server.Tests.Cluster;

public class StandingTests
{
    private readonly ManualTime _time = new();
    private readonly Standing _standing;

    public StandingTests() => _standing = new("a", new(), _time);

    [Fact]
    public void Who_has_as_many_Kamailios_as_any_other_is_live()
    {
        Assert.Equal(NodeState.Live, Next(NodeState.Joining, own: 0));
        Assert.Equal(NodeState.Live, Next(NodeState.Joining, own: 1, Other(1)));
        Assert.Equal(NodeState.Live, Next(NodeState.Apart, own: 2, Other(1)));
        Assert.Equal(NodeState.Live, Next(NodeState.Draining, own: 1, Other(1)));
    }

    [Fact]
    public void Who_has_fewer_for_long_is_apart()
    {
        Assert.Equal(NodeState.Live, Next(NodeState.Live, own: 1, Other(2)));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(NodeState.Live, Next(NodeState.Live, own: 1, Other(2)));
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(NodeState.Apart, Next(NodeState.Live, own: 1, Other(2)));
        Assert.Equal(NodeState.Apart, Next(NodeState.Apart, own: 1, Other(2)));
    }

    [Fact]
    public void Each_time_counts_from_its_own_beginning()
    {
        Next(NodeState.Live, own: 1, Other(2));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Next(NodeState.Live, own: 2, Other(2));

        Assert.Equal(NodeState.Live, Next(NodeState.Live, own: 1, Other(2)));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(NodeState.Live, Next(NodeState.Live, own: 1, Other(2)));
    }

    [Fact]
    public void Who_joins_or_comes_back_waits_until_it_has_as_many()
    {
        Assert.Equal(NodeState.Joining, Next(NodeState.Joining, own: 0, Other(1)));
        Assert.Equal(NodeState.Joining, Next(NodeState.Draining, own: 0, Other(1)));
    }

    [Fact]
    public void What_the_dead_had_does_not_count() =>
        Assert.Equal(NodeState.Live, Next(NodeState.Joining, own: 0, Other(1) with { State = NodeState.Gone }));

    [Fact]
    public void Who_is_drained_is_nothing_else() =>
        Assert.Equal(
            NodeState.Draining,
            _standing.Next(NodeState.Live, new() { IsDraining = true, Links = ["k1"] }, [Other(1)]));

    private NodeState Next(NodeState now, int own, params NodeRow[] others) =>
        _standing.Next(now, new() { Links = [.. Kamailios(own)] }, [Other(9) with { Name = "a" }, .. others]);

    private static NodeRow Other(int links) => new("b", 1, NodeState.Live, 1) { Links = [.. Kamailios(links)] };

    private static IEnumerable<string> Kamailios(int count) => Enumerable.Range(1, count).Select(each => $"k{each}");
}
