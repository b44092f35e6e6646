namespace ImSidecar.Server.Cluster;

/// <summary>Section "Cluster": how several nodes on one PostgreSQL watch each other. The same on all of them.</summary>
internal sealed record ClusterOptions
{
    public const string Section = "Cluster";

    /// <summary>How often a node says that it lives, and looks who else does.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>A node that could not say so for that long stops serving by itself; less than DeadAfter.</summary>
    public TimeSpan StopsAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A node that others have not seen to live for that long is dead: they take what it had.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>With fewer Kamailios than another node for longer than that, a node hands over what it has.</summary>
    public TimeSpan KamailioGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>So long the nodes have to stay the same before anything is moved for balance.</summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most time that a node which stops takes to hand over what it has.</summary>
    public TimeSpan LeaveWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of 1024 slots so many are handed over together; the rest goes on meanwhile.</summary>
    public int SlotsAtOnce { get; init; } = 64;

    /// <summary>What takes longer than this comes too late.</summary>
    public int PatienceSeconds => (int)Math.Ceiling(StopsAfter.TotalSeconds);
}
