using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;

namespace ImSidecar.Server.Tests.Cluster;

public class RendezvousTests
{
    [Fact]
    public void Releases_agree_for_ever()
    {
        var nodes = Nodes("im1.example.com", "im2.example.com", "im3.example.com");

        var first = string.Concat(Enumerable.Range(0, 32).Select(slot => Rendezvous.Choose(slot, nodes)!.Name[2]));

        Assert.Equal("21231323313212321132212313332312", first);
    }

    [Theory]
    [InlineData("a", "b", "c")]
    [InlineData("im1", "im2", "im3")]
    [InlineData("sidecar-0.example.com", "sidecar-1.example.com", "sidecar-2.example.com")]
    public void Shares_are_even(params string[] names)
    {
        var shares = Owners(Nodes(names)).CountBy(owner => owner).Select(each => each.Value);

        Assert.All(shares, share => Assert.InRange(share, 1024 / 3 * 0.8, 1024 / 3 * 1.2));
    }

    [Fact]
    public void Only_the_share_of_who_goes_moves()
    {
        var with = Owners(Nodes("a", "b", "c", "d"));
        var without = Owners(Nodes("a", "b", "d"));

        Assert.All(with.Zip(without).Where(each => each.First != "c"), each => Assert.Equal(each.First, each.Second));
    }

    [Fact]
    public void Where_there_is_nobody_nobody_is_chosen() => Assert.Null(Rendezvous.Choose(0, []));

    private static string[] Owners(NodeRow[] nodes) =>
        [.. Enumerable.Range(0, Slot.Count).Select(slot => Rendezvous.Choose(slot, nodes)!.Name)];

    private static NodeRow[] Nodes(params string[] names) =>
        [.. names.Select(name => new NodeRow(name, 1, NodeState.Live, 1))];
}
