using ImSidecar.Server.Stores.Sqlite;

namespace ImSidecar.Server.Stores.Deferred.Sqlite;

/// <summary>The tables of deferred messages in a SQLite file.</summary>
internal static class SqliteDeferredSchema
{
    /// <summary>"IMSD": marks the file as ours.</summary>
    public const long ApplicationId = 0x494D5344;

    // Users and keys are bytes: nothing says that they hold no NUL.
    // "box" has a row for everybody for whom something ever waited: his numbers never come again.
    // "past" remembers for a while what was removed, for its copy may come later.
    private static readonly string[] _steps =
    [
        """
        CREATE TABLE meta (
            name TEXT PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE total (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            messages INTEGER NOT NULL,
            bytes INTEGER NOT NULL
        ) STRICT;

        INSERT INTO total VALUES (1, 0, 0);

        CREATE TABLE box (
            owner BLOB NOT NULL UNIQUE,
            messages INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            last INTEGER NOT NULL,
            waits INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX box_waiting ON box (owner) WHERE waits = 1;

        CREATE TABLE message (
            owner BLOB NOT NULL,
            number INTEGER NOT NULL,
            digest BLOB NOT NULL,
            received INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            anonymous INTEGER NOT NULL,
            tells INTEGER NOT NULL,
            sip_size INTEGER NOT NULL,
            size INTEGER NOT NULL,
            key BLOB NOT NULL,
            sender TEXT NOT NULL,
            recipient TEXT NOT NULL,
            notices BLOB,
            key_id TEXT,
            subject BLOB NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY (owner, number)
        ) STRICT;

        CREATE UNIQUE INDEX message_digest ON message (owner, digest);
        CREATE INDEX message_expires ON message (expires);

        CREATE TABLE past (
            owner BLOB NOT NULL,
            digest BLOB NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (owner, digest)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX past_until ON past (until);

        CREATE TABLE notice (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            end INTEGER NOT NULL,
            at INTEGER NOT NULL,
            sender TEXT NOT NULL,
            recipient TEXT NOT NULL,
            asked BLOB NOT NULL
        ) STRICT;
        """,
    ];

    public static SqliteFormat Format { get; } =
        new(ApplicationId, $"{DeferredStoreOptions.Section}:{nameof(DeferredStoreOptions.Connection)}", _steps)
        {
            CanShrink = true,
            // Under load the queue is empty now and then: that is no time to spare.
            LogWhenIdle = 16 * 1024 * 1024,
            LogAtMost = 64 * 1024 * 1024,
        };
}
