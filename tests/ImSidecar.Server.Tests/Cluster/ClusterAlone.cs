using ImSidecar.Server.Tests.Stores.Deferred;

namespace ImSidecar.Server.Tests.Cluster;

/// <summary>Nodes that watch each other by the second: nothing else takes the machine from them.</summary>
[CollectionDefinition(nameof(ClusterAlone), DisableParallelization = true)]
public sealed class ClusterAlone : ICollectionFixture<PostgresServer>;
