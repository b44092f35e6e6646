using ImSidecar.Core.Conferences;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>
/// Reads aggregates with their parts, all of one moment. Used by one thread at a time, again and again: to
/// parse its statements costs as much as to run them.
/// </summary>
internal sealed class SqliteReader(SqliteConnection connection) : IDisposable
{
    private const int PageOfIds = 256;

    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private SqliteTransaction? _moment;

    public StoredAggregate? Load(AggregateId id)
    {
        using var moment = _moment = connection.BeginTransaction(deferred: true);
        return ReadHead(id) is var (number, format, body, revision)
            ? new StoredAssembly(id, table => Rows(number, table)).With(format, body, revision)
            : null;
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
            command.Dispose();
        connection.Dispose();
    }

    /// <summary>The next ids behind a number, with their numbers.</summary>
    public List<(long Number, AggregateId Id)> IdsAfter(long number)
    {
        _moment = null;
        var command = Command(
            "SELECT number, id FROM conference WHERE number > ?1 ORDER BY number LIMIT ?2", number, PageOfIds);
        using var reader = command.ExecuteReader();
        var ids = new List<(long, AggregateId)>();
        while (reader.Read())
            ids.Add((reader.GetInt64(0), new(reader.GetString(1))));
        return ids;
    }

    private (long Number, int Format, byte[] Body, long Revision)? ReadHead(AggregateId id)
    {
        var command = Command("SELECT number, format, body, revision FROM conference WHERE id = ?1", id.Value);
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? (reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2), reader.GetInt64(3))
            : null;
    }

    private IEnumerable<StoredRow> Rows(long conference, PartTable table)
    {
        var name = StoredPart.Name(table);
        var command = Command(
            $"SELECT key, format, body FROM {name} WHERE conference = ?1 ORDER BY key", conference);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            yield return new(reader.GetValue(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2));
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
            _commands.Add(sql, command = connection.Prepared(sql, values.Length));
        command.Transaction = _moment;
        return command.With(values);
    }
}
