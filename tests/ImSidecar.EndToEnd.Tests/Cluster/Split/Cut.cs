using static ImSidecar.EndToEnd.Tests.Cluster.ClusterNet;
using static ImSidecar.EndToEnd.Tests.Cluster.Split.SplitNet;

namespace ImSidecar.EndToEnd.Tests.Cluster.Split;

/// <summary>What is cut together, and what comes of it.</summary>
/// <param name="Served">Who has all slots in the end: a node, "" for nobody, or null for both as before.</param>
internal sealed record Cut(string Name, string? Served, params IReadOnlyList<(string From, string To)> Ways)
{
    /// <summary>Each link, each cable that something would not survive, and what is worse than a clean cut.</summary>
    public static IReadOnlyList<Cut> All { get; } =
    [
        Link("k1", "east", served: "west"), Link("k1", "west", served: "east"),
        Link("k2", "east", served: "west"), Link("k2", "west", served: "east"),
        Link("k1", "k2", served: null), Link("east", "west", served: null),
        Link("east", Database, served: "west"), Link("west", Database, served: "east"),
        Cable("east", served: "west"), Cable("k1", served: null), Cable(Database, served: ""),
        new("east-db one way", "west", ("east", Database)), new("db-west one way", "east", (Database, "west")),
        new("k1-east one way", "west", ("k1", "east")),
        new("k1-east and k2-west", null, [.. Both("k1", "east"), .. Both("k2", "west")]),
        new("k1-east and west-db", "east", [.. Both("k1", "east"), .. Both("west", Database)]),
    ];

    /// <summary>Handsets cannot reach their Kamailio: what they were doing is over without their knowing.</summary>
    public bool LosesTransactions => Ways.Contains((Phones, "k1"));

    public void Begin(SplitNet net)
    {
        foreach (var (from, to) in Ways)
            net.Cut(from, to);
    }

    public void End(SplitNet net)
    {
        foreach (var (from, to) in Ways)
            net.Mend(from, to);
    }

    public override string ToString() => Name;

    private static Cut Link(string one, string other, string? served) => new($"{one}-{other}", served, [.. Both(one, other)]);

    private static Cut Cable(string machine, string? served) =>
        new("cable of " + machine, served,
            [.. Servers.Append(Phones).Where(each => each != machine).SelectMany(each => Both(machine, each))]);

    private static IEnumerable<(string From, string To)> Both(string one, string other) => [(one, other), (other, one)];
}
