namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The tables of conferences and documents.</summary>
internal static class SqliteSchema
{
    /// <summary>"IMSC": marks the file as ours.</summary>
    public const long ApplicationId = 0x494D5343;

    // "conference" holds the heads of all aggregates: their ids tell the kinds apart, the first was the conference.
    // "progress" is what came of a subscription since its row was written, by its number: small, for a NOTIFY to ten
    // thousand writes ten thousand.
    // Participants are the big rows and change often: beside the index, so that a change writes one page.
    private static readonly string[] _steps =
    [
        """
        CREATE TABLE meta (
            name TEXT PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE conference (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            revision INTEGER NOT NULL,
            format INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;

        CREATE TABLE participant (
            conference INTEGER NOT NULL REFERENCES conference (number) ON DELETE CASCADE,
            key TEXT NOT NULL,
            format INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (conference, key)
        ) STRICT;

        CREATE TABLE subscription (
            conference INTEGER NOT NULL REFERENCES conference (number) ON DELETE CASCADE,
            key TEXT NOT NULL,
            format INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (conference, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE departure (
            conference INTEGER NOT NULL REFERENCES conference (number) ON DELETE CASCADE,
            key TEXT NOT NULL,
            format INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (conference, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE effect (
            conference INTEGER NOT NULL REFERENCES conference (number) ON DELETE CASCADE,
            key INTEGER NOT NULL,
            format INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (conference, key)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        CREATE TABLE document (
            number INTEGER PRIMARY KEY,
            owner TEXT NOT NULL,
            auid TEXT NOT NULL,
            path TEXT NOT NULL,
            etag TEXT NOT NULL,
            modified INTEGER NOT NULL,
            size INTEGER NOT NULL,
            body BLOB NOT NULL,
            UNIQUE (owner, auid, path)
        ) STRICT;

        CREATE TABLE group_uri (
            uri TEXT PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES document (number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX group_uri_document ON group_uri (document);
        """,
        """
        CREATE TABLE remote_document (
            number INTEGER PRIMARY KEY,
            root TEXT NOT NULL,
            owner TEXT NOT NULL,
            auid TEXT NOT NULL,
            path TEXT NOT NULL,
            tag TEXT,
            confirmed INTEGER NOT NULL,
            body BLOB NOT NULL,
            UNIQUE (root, owner, auid, path)
        ) STRICT;

        CREATE INDEX remote_document_confirmed ON remote_document (confirmed);
        """,
        """
        CREATE TABLE guest (
            conference INTEGER NOT NULL REFERENCES conference (number) ON DELETE CASCADE,
            key TEXT NOT NULL,
            format INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (conference, key)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        CREATE TABLE content (
            conference INTEGER NOT NULL REFERENCES conference (number) ON DELETE CASCADE,
            key TEXT NOT NULL,
            format INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (conference, key)
        ) STRICT;

        CREATE TABLE recipient (
            conference INTEGER NOT NULL REFERENCES conference (number) ON DELETE CASCADE,
            key TEXT NOT NULL,
            format INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (conference, key)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        CREATE TABLE progress (
            conference INTEGER NOT NULL REFERENCES conference (number) ON DELETE CASCADE,
            key INTEGER NOT NULL,
            format INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (conference, key)
        ) STRICT, WITHOUT ROWID;
        """,
    ];

    public static int Current => _steps.Length;

    public static SqliteFormat Format { get; } = new(ApplicationId, "Store:Path", _steps) { HasNodeSecret = true };
}
