namespace ImSidecar.Server.Stores.Postgres;

/// <summary>The tables of aggregates, documents and what all nodes share.</summary>
internal static class PostgresTables
{
    // Without foreign keys: the head is locked by who writes its parts, and each check would cost a look-up. Texts that
    // others chose are bytes: they may hold what no text of PostgreSQL may. "slot" is a function of the id, for who takes
    // over some of them. What changes with each save has room on its page, and is cleaned up often.
    // "change" says in which order documents changed, to the nodes that keep some in memory.
    public const string Create =
        """
        CREATE TABLE meta (name text COLLATE "C" PRIMARY KEY, value bytea NOT NULL);

        CREATE TABLE node_epoch (name text COLLATE "C" PRIMARY KEY, epoch bigint NOT NULL);

        CREATE TABLE head (
            id text COLLATE "C" PRIMARY KEY,
            slot smallint NOT NULL,
            revision bigint NOT NULL,
            format integer NOT NULL,
            body bytea NOT NULL
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

        CREATE INDEX head_slot ON head (slot);

        CREATE TABLE part (
            id text COLLATE "C" NOT NULL,
            kind smallint NOT NULL,
            key bytea NOT NULL,
            format integer NOT NULL,
            body bytea NOT NULL,
            PRIMARY KEY (id, kind, key)
        ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

        CREATE TABLE effect (
            id text COLLATE "C" NOT NULL,
            key bigint NOT NULL,
            format integer NOT NULL,
            body bytea NOT NULL,
            PRIMARY KEY (id, key)
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

        CREATE TABLE document (
            owner bytea NOT NULL,
            auid bytea NOT NULL,
            path bytea NOT NULL,
            etag text NOT NULL,
            modified bigint NOT NULL,
            size bigint NOT NULL,
            body bytea NOT NULL,
            PRIMARY KEY (owner, auid, path)
        );

        CREATE TABLE group_uri (
            uri bytea PRIMARY KEY,
            owner bytea NOT NULL,
            auid bytea NOT NULL,
            path bytea NOT NULL
        );

        CREATE INDEX group_uri_document ON group_uri (owner, auid, path);

        CREATE TABLE change (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            origin text NOT NULL,
            owner bytea NOT NULL,
            auid bytea NOT NULL,
            path bytea NOT NULL,
            groups bytea[] NOT NULL
        );

        CREATE TABLE remote_document (
            root bytea NOT NULL,
            owner bytea NOT NULL,
            auid bytea NOT NULL,
            path bytea NOT NULL,
            tag text,
            confirmed bigint NOT NULL,
            body bytea NOT NULL,
            PRIMARY KEY (root, owner, auid, path)
        );

        CREATE INDEX remote_document_confirmed ON remote_document (confirmed);
        """;
}
