using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>
/// What a file of ours holds, and how one of an earlier release gets there: step n takes user_version n to n + 1.
/// </summary>
/// <param name="ApplicationId">Marks the file as one of this kind.</param>
/// <param name="Key">The key of the configuration that names the file.</param>
internal sealed record SqliteFormat(long ApplicationId, string Key, IReadOnlyList<string> Steps)
{
    public bool HasNodeSecret { get; init; }

    /// <summary>Bytes of the write-ahead log that go into the file when nobody waits, and at the latest.</summary>
    public long LogWhenIdle { get; init; } = 4_096_000;

    public long LogAtMost { get; init; } = 32_768_000;

    /// <summary>Pages that are empty can be given back to the disk.</summary>
    public bool CanShrink { get; init; }

    /// <summary>Throws on a file of another application and on one of a newer release; changes nothing.</summary>
    public void Refuse(SqliteConnection connection)
    {
        var version = Version(connection);
        var application = connection.Scalar<long>("PRAGMA application_id");
        var isNew = application == 0
            && version == 0
            && connection.Scalar<long>("SELECT count(*) FROM sqlite_schema") == 0;
        if (application != ApplicationId && !isNew)
            throw new StoreUnavailableException("it is the database of another application")
            {
                IsOfAnother = true,
            };

        if (version > Steps.Count)
            throw new StoreUnavailableException(
                $"it was written by a newer release (schema {version}, this release knows up to {Steps.Count})")
            {
                IsOfAnother = true,
            };

        // It has to come before the first table.
        if (isNew && CanShrink)
            connection.Run("PRAGMA auto_vacuum = INCREMENTAL");
    }

    public void Migrate(SqliteConnection connection)
    {
        var version = Version(connection);
        if (version == Steps.Count)
            return;

        connection.Run("BEGIN IMMEDIATE");
        foreach (var step in Steps.Skip((int)version))
            connection.Run(step);
        connection.Run($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Steps.Count}; COMMIT");
    }

    private static long Version(SqliteConnection connection) => connection.Scalar<long>("PRAGMA user_version");
}
