using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>One transaction after the other on the writing connection, and what its file needs between them.</summary>
internal sealed class SqliteTransactions(SqliteConnection connection, SqliteFormat format) : IDisposable
{
    private const int ProbeBytes = 64 * 1024;
    private const int CacheWrite = 9; // SQLITE_DBSTATUS_CACHE_WRITE

    private readonly long _pageSize = connection.Scalar<long>("PRAGMA page_size");
    private readonly SqliteCommand _begin = connection.Prepared("BEGIN IMMEDIATE");
    private readonly SqliteCommand _commit = connection.Prepared("COMMIT");
    private readonly SqliteCommand _checkpoint = connection.Prepared("PRAGMA wal_checkpoint(PASSIVE)");

    /// <summary>Commits all of the work, or throws having committed nothing.</summary>
    public void Run(Action work) => Guard(() =>
    {
        _begin.ExecuteNonQuery();
        work();
        _commit.ExecuteNonQuery();
    });

    public void Probe() => Guard(() =>
    {
        // In two commits: what comes and goes in one need not be written.
        connection.Run($"INSERT OR REPLACE INTO meta (name, value) VALUES ('probe', zeroblob({ProbeBytes}))");
        connection.Run("DELETE FROM meta WHERE name = 'probe'");
    });

    /// <summary>Moves the write-ahead log into the file, which lets the log begin anew.</summary>
    public void Tidy(bool hasTime)
    {
        // Pages written by commits since the last time.
        _ = raw.sqlite3_db_status(connection.Handle, CacheWrite, out var pages, out _, resetFlg: 0);
        if (pages * _pageSize < (hasTime ? format.LogWhenIdle : format.LogAtMost))
            return;

        try
        {
            _checkpoint.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // The log keeps what it could not move.
        }

        _ = raw.sqlite3_db_status(connection.Handle, CacheWrite, out _, out _, resetFlg: 1);
    }

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _checkpoint.Dispose();
    }

    private void Guard(Action work)
    {
        try
        {
            RollBack();
            work();
        }
        catch (SqliteException error) when (SqliteErrors.IsOfTheStore(error))
        {
            TryRollBack();
            throw new StoreUnavailableException(SqliteErrors.Text(error), error)
            {
                LacksRoom = error.SqliteErrorCode == raw.SQLITE_FULL,
            };
        }
        catch
        {
            TryRollBack();
            throw;
        }
    }

    // A full disk and an I/O error have rolled back already.
    private void RollBack()
    {
        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            connection.Run("ROLLBACK");
    }

    // If it fails, what is written next begins with it.
    private void TryRollBack()
    {
        try
        {
            RollBack();
        }
        catch (SqliteException)
        {
        }
    }
}
