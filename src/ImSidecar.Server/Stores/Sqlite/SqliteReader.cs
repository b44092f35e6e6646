using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>
/// A connection that reads, used by one thread at a time, again and again: to parse its statements costs as much
/// as to run them.
/// </summary>
internal sealed class SqliteReader(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private SqliteTransaction? _moment;

    /// <summary>What is read within is all of one moment.</summary>
    public T InOneMoment<T>(Func<T> read)
    {
        using var moment = _moment = connection.BeginTransaction(deferred: true);
        var result = read();
        _moment = null;
        return result;
    }

    /// <summary>The rows of a statement with parameters ?1 to ?n; to be disposed of before the next use.</summary>
    public SqliteDataReader Rows(string sql, params ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
            _commands.Add(sql, command = connection.Prepared(sql, values.Length));
        command.Transaction = _moment;
        return command.With(values).ExecuteReader();
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
            command.Dispose();
        connection.Dispose();
    }
}
