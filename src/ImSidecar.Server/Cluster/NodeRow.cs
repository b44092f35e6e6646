using System.Collections.Immutable;

namespace ImSidecar.Server.Cluster;

/// <summary>What a node may be asked to do.</summary>
internal enum NodeState
{
    /// <summary>It has not had as many Kamailios as the others yet.</summary>
    Joining,

    /// <summary>Slots fall to it.</summary>
    Live,

    /// <summary>It has fewer Kamailios than another node: what it has moves there.</summary>
    Apart,

    /// <summary>The operator drains it, or it stops: what it has moves to others.</summary>
    Draining,

    /// <summary>It has left, or was declared dead.</summary>
    Gone,
}

/// <summary>One node as its row in the database tells it.</summary>
/// <param name="Beat">Counts; only that it moves matters.</param>
internal sealed record NodeRow(string Name, long Epoch, NodeState State, long Beat)
{
    /// <summary>Where a module of Kamailio reaches its gateway.</summary>
    public string Gateway { get; init; } = "";

    public string Release { get; init; } = "";

    /// <summary>The Kamailios that are attached to it.</summary>
    public ImmutableArray<string> Links { get; init; } = [];

    public NodeLoad Load { get; init; }

    public bool IsAlive => State != NodeState.Gone;
}

/// <summary>How much a node has to do, for those who look on.</summary>
/// <param name="CommitMilliseconds">How long its last commit took.</param>
internal readonly record struct NodeLoad(int Conferences, int InWork, int SavesWaiting, int CommitMilliseconds);

/// <summary>What this node says of itself with each heartbeat.</summary>
internal sealed record NodeReport
{
    public bool IsDraining { get; init; }

    public ImmutableArray<string> Links { get; init; } = [];

    public NodeLoad Load { get; init; }
}

/// <summary>Where the heartbeat learns it.</summary>
internal interface INodeReport
{
    NodeReport Now();
}
