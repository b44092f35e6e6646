using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>
/// A statement for those that run thousands of times in one commit: nothing is made anew for a run.
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

    /// <summary>Runs it, without rows, with parameters ?1 to ?n: numbers, texts and bytes.</summary>
    public void Run(params ReadOnlySpan<object> values)
    {
        BindAll(values);
        var outcome = raw.sqlite3_step(_statement);
        raw.sqlite3_reset(_statement);
        Check(outcome, raw.SQLITE_DONE);
    }

    /// <summary>The numbers of its one row; false without one.</summary>
    public bool TryRead(Span<long> row, params ReadOnlySpan<object> values)
    {
        BindAll(values);
        var outcome = raw.sqlite3_step(_statement);
        var isThere = outcome == raw.SQLITE_ROW;
        for (var i = 0; isThere && i < row.Length; i++)
            row[i] = raw.sqlite3_column_int64(_statement, i);
        raw.sqlite3_reset(_statement);
        if (!isThere)
            Check(outcome, raw.SQLITE_DONE);
        return isThere;
    }

    public void Dispose() => _statement.Dispose();

    private void BindAll(ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
            Check(Bind(i + 1, values[i]), raw.SQLITE_OK);
    }

    private int Bind(int place, object value) => value switch
    {
        long number => raw.sqlite3_bind_int64(_statement, place, number),
        int number => raw.sqlite3_bind_int(_statement, place, number),
        string text => raw.sqlite3_bind_text(_statement, place, text),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, place, bytes),
        DBNull => raw.sqlite3_bind_null(_statement, place),
        _ => throw new UnreachableException(value.GetType().Name),
    };

    private void Check(int outcome, int expected)
    {
        if (outcome != expected)
            SqliteException.ThrowExceptionForRC(outcome, _database);
    }
}
