using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Server.Stores.Format;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>
/// Puts an aggregate together from its parts, all of one moment. Used by one thread at a time, again and again: to
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
        if (ReadHead(id) is not var (number, head))
            return null;

        var effects = Read<Effect>(id, number, PartTable.Effect);
        return new(
            head switch
            {
                Conference conference => WithParts(conference, number),
                PageMessage message => WithParts(message, number),
                _ => head,
            },
            [.. effects.Select(row => new PendingEffect((long)row.Key, row.Part))]);
    }

    private Conference WithParts(Conference head, long number)
    {
        var id = head.Id;
        return head with
        {
            Participants = ParticipantTable.Of(
                Read<Participant>(id, number, PartTable.Participant).Select(row => row.Part)),
            Subscriptions = SubscriptionTable.Of(Subscriptions(id, number)).At(head.RosterRevision),
            Departures = Read<Departure>(id, number, PartTable.Departure)
                .ToImmutableDictionary(row => row.Part.Entity, row => row.Part),
            Guests = Read<Guest>(id, number, PartTable.Guest)
                .ToImmutableDictionary(row => row.Part.Key, row => row.Part),
        };
    }

    private PageMessage WithParts(PageMessage head, long number) => head with
    {
        Content = Read<PageContent>(head.Id, number, PartTable.Content).Select(row => row.Part)
            .FirstOrDefault(PageContent.Empty),
        Recipients = Read<Recipient>(head.Id, number, PartTable.Recipient)
            .ToImmutableDictionary(row => row.Part.Id, row => row.Part),
    };

    // Each as it was written, with what came of it since.
    private IEnumerable<Subscription> Subscriptions(AggregateId id, long number)
    {
        var progress = Rows(number, PartTable.Progress).ToDictionary(row => (long)row.Key);
        foreach (var (key, format, body) in Rows(number, PartTable.Subscription))
        {
            var name = $"subscription {key} of conference {id}";
            var written = StoredFormat.Read<Subscription>(format, body, name);
            yield return progress.TryGetValue(written.Number, out var since)
                ? StoredFormat.ReadProgressed(format, body, since.Format, since.Body, name)
                : written;
        }
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

    private (long Number, Aggregate Head)? ReadHead(AggregateId id)
    {
        var command = Command("SELECT number, format, body, revision FROM conference WHERE id = ?1", id.Value);
        using var reader = command.ExecuteReader();
        if (!reader.Read())
            return null;

        // A revision may have no body of its own: the column counts.
        var head = StoredFormat.ReadHead(id, reader.GetInt32(1), reader.GetFieldValue<byte[]>(2));
        return (reader.GetInt64(0), head with { Revision = reader.GetInt64(3) });
    }

    private IEnumerable<(object Key, TPart Part)> Read<TPart>(AggregateId id, long conference, PartTable table) =>
        Rows(conference, table).Select(row => (row.Key, StoredFormat.Read<TPart>(
            row.Format, row.Body, $"{SqlitePartTable.Name(table)} {row.Key} of conference {id}")));

    private IEnumerable<(object Key, int Format, byte[] Body)> Rows(long conference, PartTable table)
    {
        var name = SqlitePartTable.Name(table);
        var command = Command(
            $"SELECT key, format, body FROM {name} WHERE conference = ?1 ORDER BY key", conference);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            yield return (reader.GetValue(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2));
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
            _commands.Add(sql, command = connection.Prepared(sql, values.Length));
        command.Transaction = _moment;
        return command.With(values);
    }
}
