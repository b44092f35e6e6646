using System.Buffers.Binary;
using System.Text;
using ImSidecar.Core.Conferences;
using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>Reads aggregates with their parts, each of one moment: one statement has one snapshot.</summary>
internal sealed class PostgresReader(PostgresDatabase database)
{
    private const short Head = -1;
    private const int SlotsAtOnce = 16;

    private static readonly TimeSpan _again = TimeSpan.FromMilliseconds(500);

    private static readonly string _rows =
        $"""
        SELECT id, {Head}::smallint AS kind, ''::bytea AS key, format, body, revision FROM head WHERE id = ANY ($1)
        UNION ALL
        SELECT id, kind, key, format, body, 0 FROM part WHERE id = ANY ($1)
        UNION ALL
        SELECT id, {(int)PartTable.Effect}::smallint, int8send(key), format, body, 0 FROM effect WHERE id = ANY ($1)
        """;

    /// <summary>Those of them that are there, in no order.</summary>
    public async ValueTask<IReadOnlyList<(AggregateId Id, Lazy<StoredAggregate> Aggregate)>> LoadAsync(
        IReadOnlyCollection<AggregateId> ids, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(
            _rows, Read, cancellation, (object)ids.Select(id => id.Value).ToArray());
        return [.. rows.GroupBy(row => row.Id, Assemble).OfType<(AggregateId, Lazy<StoredAggregate>)>()];
    }

    public async IAsyncEnumerable<AggregateId> IdsAsync(
        IEnumerable<Slot> slots,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var some in slots.Select(slot => (short)slot.Number).Chunk(SlotsAtOnce))
        {
            foreach (var id in await IdsAsync(some, cancellation))
                yield return id;
        }
    }

    // Who takes up aggregates needs all of them, however long the server is away meanwhile.
    private async Task<IReadOnlyList<AggregateId>> IdsAsync(short[] slots, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await database.ReadAsync(
                    "SELECT id FROM head WHERE slot = ANY ($1)", reader => new AggregateId(reader.GetString(0)),
                    cancellation, (object)slots);
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(_again, cancellation);
            }
        }
    }

    private static (AggregateId, Lazy<StoredAggregate>)? Assemble(string id, IEnumerable<Row> rows)
    {
        var all = rows.ToLookup(row => row.Kind);
        // Parts without a head are none: it was not there at that moment.
        if (all[Head].FirstOrDefault() is not { } head)
            return null;

        var assembly = new StoredAssembly(new(id), table => all[(short)table]
            .OrderBy(row => row.Key, _order)
            .Select(row => new StoredRow(KeyOf(table, row.Key), row.Format, row.Body)));
        // One that cannot be read does not keep the others from it.
        return (new(id), new(() => assembly.With(head.Format, head.Body, head.Revision)));
    }

    private static readonly Comparer<byte[]> _order =
        Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other));

    private static object KeyOf(PartTable table, byte[] key) => table is PartTable.Effect or PartTable.Progress
        ? BinaryPrimitives.ReadInt64BigEndian(key)
        : Encoding.UTF8.GetString(key);

    private static Row Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetInt16(1), reader.GetFieldValue<byte[]>(2), reader.GetInt32(3),
        reader.GetFieldValue<byte[]>(4), reader.GetInt64(5));

    private sealed record Row(string Id, short Kind, byte[] Key, int Format, byte[] Body, long Revision);
}
