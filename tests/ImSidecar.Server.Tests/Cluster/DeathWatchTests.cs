using ImSidecar.Server.Cluster;
using ImSidecar.Server.Tests.Hosting;

namespace ImSidecar.Server.Tests.Cluster;

public class DeathWatchTests
{
    private readonly ManualTime _time = new();
    private readonly DeathWatch _watch;

    public DeathWatchTests() => _watch = new(new(), _time);

    [Fact]
    public void Who_stands_still_for_the_whole_time_is_dead()
    {
        Assert.Empty(Look(beat: 7));
        for (var i = 0; i < 5; i++)
            Assert.Empty(LookAfter(0.5, beat: 7));

        Assert.Equal(["b"], LookAfter(0.5, beat: 7).Select(each => each.Name));
        Assert.Equal(TimeSpan.FromSeconds(3), _watch.StillFor("b"));
    }

    [Fact]
    public void Who_moves_once_begins_again()
    {
        Look(beat: 7);
        for (var i = 0; i < 5; i++)
            LookAfter(0.5, beat: 7);

        Assert.Empty(LookAfter(0.5, beat: 8));
        Assert.Empty(LookAfter(0.5, beat: 8));
    }

    [Fact]
    public void Who_could_not_look_for_long_has_seen_nobody_die()
    {
        Look(beat: 7);

        Assert.Empty(LookAfter(60, beat: 7));
        Assert.Empty(LookAfter(60, beat: 7));
        Assert.Single(LookAfter(60, beat: 7));
    }

    [Fact]
    public void Who_joined_anew_is_another()
    {
        Look(beat: 7);
        for (var i = 0; i < 5; i++)
            LookAfter(0.5, beat: 7);

        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Empty(_watch.Observe([new("b", 2, NodeState.Live, 7)]));
    }

    [Fact]
    public void Who_is_gone_does_not_die_again()
    {
        var gone = new NodeRow("b", 1, NodeState.Gone, 7);
        for (var i = 0; i < 10; i++)
        {
            Assert.Empty(_watch.Observe([gone]));
            _time.Advance(TimeSpan.FromSeconds(0.5));
        }
    }

    private IReadOnlyList<NodeRow> LookAfter(double seconds, long beat)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return Look(beat);
    }

    private IReadOnlyList<NodeRow> Look(long beat) => _watch.Observe([new("b", 1, NodeState.Live, beat)]);
}
