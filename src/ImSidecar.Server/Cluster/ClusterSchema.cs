namespace ImSidecar.Server.Cluster;

/// <summary>The tables of the cluster, a step of the schema of the store.</summary>
internal static class ClusterSchema
{
    /// <summary>Epochs are proved by each save, so nothing else is in their rows.</summary>
    public const string Step =
        """
        CREATE TABLE cluster (one integer PRIMARY KEY CHECK (one = 1), version bigint NOT NULL);

        INSERT INTO cluster VALUES (1, 0);

        CREATE TABLE node (
            name text PRIMARY KEY,
            epoch bigint NOT NULL,
            state text NOT NULL,
            beat bigint NOT NULL DEFAULT 0,
            gateway text NOT NULL,
            release text NOT NULL,
            links text[] NOT NULL DEFAULT '{}',
            conferences integer NOT NULL DEFAULT 0,
            in_work integer NOT NULL DEFAULT 0,
            saves_waiting integer NOT NULL DEFAULT 0,
            commit_ms integer NOT NULL DEFAULT 0
        ) WITH (fillfactor = 20);

        CREATE TABLE slot (
            number integer PRIMARY KEY,
            owner text NOT NULL,
            epoch bigint NOT NULL
        ) WITH (fillfactor = 50);

        INSERT INTO slot SELECT number, '', 0 FROM generate_series(0, 1023) AS number;
        """;
}
