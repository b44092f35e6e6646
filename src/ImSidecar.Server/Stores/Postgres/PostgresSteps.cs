using ImSidecar.Server.Cluster;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// How the schema came to be: step n takes version n to n + 1. A new step goes to the end; one that was released stays.
/// </summary>
internal static class PostgresSteps
{
    public static IReadOnlyList<string> All { get; } =
    [
        PostgresDeferredTables.Create,
        PostgresTables.Create,
        ClusterSchema.Step,
    ];
}
