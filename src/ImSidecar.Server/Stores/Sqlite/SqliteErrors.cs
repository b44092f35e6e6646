using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>What an error of SQLite says about the store.</summary>
internal static class SqliteErrors
{
    /// <summary>The disk, the file or its lock: every statement would fail. Else the statement is to blame.</summary>
    public static bool IsOfTheStore(SqliteException error) => error.SqliteErrorCode is
        raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM
        or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL or raw.SQLITE_NOMEM or raw.SQLITE_CORRUPT
        or raw.SQLITE_NOTADB;

    public static string Text(SqliteException error) =>
        raw.sqlite3_errstr(error.SqliteErrorCode).utf8_to_string();
}
