namespace ImSidecar.Server.Stores.Postgres;

/// <summary>The tables of deferred messages.</summary>
internal static class PostgresDeferredTables
{
    // What is said of the tables in SQLite's schema holds here too. Contents are not compressed: who has them encrypted
    // could not gain by it, and who writes has no time for it.
    public const string Create =
        """
        CREATE TABLE total (
            one integer PRIMARY KEY CHECK (one = 1),
            messages bigint NOT NULL,
            bytes bigint NOT NULL
        );

        INSERT INTO total VALUES (1, 0, 0);

        CREATE TABLE probe (one integer PRIMARY KEY, at timestamptz NOT NULL);

        CREATE TABLE box (
            owner bytea PRIMARY KEY,
            messages bigint NOT NULL,
            bytes bigint NOT NULL,
            last bigint NOT NULL,
            waits boolean NOT NULL
        ) WITH (fillfactor = 80);

        CREATE INDEX box_waiting ON box (owner) WHERE waits;

        CREATE TABLE message (
            owner bytea NOT NULL,
            number bigint NOT NULL,
            digest bytea NOT NULL,
            received bigint NOT NULL,
            expires bigint NOT NULL,
            anonymous boolean NOT NULL,
            tells integer NOT NULL,
            sip_size bigint NOT NULL,
            size bigint NOT NULL,
            key bytea NOT NULL,
            sender text NOT NULL,
            recipient text NOT NULL,
            notices bytea,
            key_id text,
            subject bytea NOT NULL,
            content bytea NOT NULL,
            PRIMARY KEY (owner, number)
        );

        ALTER TABLE message ALTER COLUMN content SET STORAGE EXTERNAL;
        CREATE UNIQUE INDEX message_digest ON message (owner, digest);
        CREATE INDEX message_expires ON message (expires);

        CREATE TABLE past (
            owner bytea NOT NULL,
            digest bytea NOT NULL,
            until bigint NOT NULL,
            PRIMARY KEY (owner, digest)
        );

        CREATE INDEX past_until ON past (until);

        CREATE TABLE notice (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            ending integer NOT NULL,
            at bigint NOT NULL,
            sender text NOT NULL,
            recipient text NOT NULL,
            asked bytea NOT NULL
        );
        """;
}
