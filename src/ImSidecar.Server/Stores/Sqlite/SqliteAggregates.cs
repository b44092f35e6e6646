using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>Reads aggregates with their parts, all of one moment.</summary>
internal static class SqliteAggregates
{
    private const int PageOfIds = 256;

    public static StoredAggregate? Load(SqliteReader reader, AggregateId id) => reader.InOneMoment(() =>
        ReadHead(reader, id) is var (number, format, body, revision)
            ? new StoredAssembly(id, table => Parts(reader, number, table)).With(format, body, revision)
            : null);

    /// <summary>The next ids behind a number, with their numbers.</summary>
    public static List<(long Number, AggregateId Id)> IdsAfter(SqliteReader reader, long number)
    {
        using var rows = reader.Rows(
            "SELECT number, id FROM conference WHERE number > ?1 ORDER BY number LIMIT ?2", number, PageOfIds);
        var ids = new List<(long, AggregateId)>();
        while (rows.Read())
            ids.Add((rows.GetInt64(0), new(rows.GetString(1))));
        return ids;
    }

    private static (long Number, int Format, byte[] Body, long Revision)? ReadHead(SqliteReader reader, AggregateId id)
    {
        using var rows = reader.Rows("SELECT number, format, body, revision FROM conference WHERE id = ?1", id.Value);
        return rows.Read()
            ? (rows.GetInt64(0), rows.GetInt32(1), rows.GetFieldValue<byte[]>(2), rows.GetInt64(3))
            : null;
    }

    private static IEnumerable<StoredRow> Parts(SqliteReader reader, long conference, PartTable table)
    {
        var name = StoredPart.Name(table);
        using var rows = reader.Rows(
            $"SELECT key, format, body FROM {name} WHERE conference = ?1 ORDER BY key", conference);
        while (rows.Read())
            yield return new(rows.GetValue(0), rows.GetInt32(1), rows.GetFieldValue<byte[]>(2));
    }
}
