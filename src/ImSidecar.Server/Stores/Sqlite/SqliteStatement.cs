using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>
/// A statement without rows, for those that run thousands of times in one commit: nothing is made anew for a run.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement), raw.SQLITE_OK);
    }

    /// <summary>Runs it with parameters ?1 to ?n: numbers, texts and bytes.</summary>
    public void Run(params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            Check(Bind(i + 1, values[i]), raw.SQLITE_OK);
        var outcome = raw.sqlite3_step(_statement);
        raw.sqlite3_reset(_statement);
        Check(outcome, raw.SQLITE_DONE);
    }

    public void Dispose() => _statement.Dispose();

    private int Bind(int place, object value) => value switch
    {
        long number => raw.sqlite3_bind_int64(_statement, place, number),
        int number => raw.sqlite3_bind_int(_statement, place, number),
        string text => raw.sqlite3_bind_text(_statement, place, text),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, place, bytes),
        _ => throw new UnreachableException(value.GetType().Name),
    };

    private void Check(int outcome, int expected)
    {
        if (outcome != expected)
            SqliteException.ThrowExceptionForRC(outcome, _database);
    }
}
