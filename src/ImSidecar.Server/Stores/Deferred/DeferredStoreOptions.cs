namespace ImSidecar.Server.Stores.Deferred;

/// <summary>Section DeferredStore of the configuration: where messages for absent users are kept, and how.</summary>
internal sealed record DeferredStoreOptions
{
    public const string Section = "DeferredStore";

    /// <summary>
    /// Empty: a SQLite file beside that of the conferences, or their database and schema; "Data Source=/a/file": that
    /// one; "Host=...": PostgreSQL.
    /// </summary>
    public string Connection { get; init; } = "";

    /// <summary>The schema of ours in a PostgreSQL database.</summary>
    public string Schema { get; init; } = "imsidecar";

    /// <summary>A file whose first line is the password of PostgreSQL, read for each connection; empty: none.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>Files with a key each: the first encrypts, all decrypt. None: nothing is encrypted.</summary>
    public IReadOnlyList<string> KeyFiles { get; init; } = [];
}
