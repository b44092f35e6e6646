using System.Collections.Immutable;
using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>
/// What nodes write about themselves and each other; who asks waits on his own thread. Each is one round trip and one transaction, so that nobody who
/// stands still has it half done. Locks in this order: an epoch, the version, nodes and slots.
/// </summary>
internal sealed class NodeTables(NpgsqlConnection connection, int patienceSeconds)
{
    public const string Channel = "imsidecar_nodes";

    private const string NextVersion = "UPDATE cluster SET version = version + 1 RETURNING version";
    private const string Tell = $"SELECT pg_notify('{Channel}', current_schema())";

    /// <summary>A new epoch; what the node of that name had is its again at once. Answers the epoch.</summary>
    public long Join(string name, string gateway, string release)
    {
        using var batch = Batch(
            (
                """
                INSERT INTO node_epoch VALUES ($1, 1)
                ON CONFLICT (name) DO UPDATE SET epoch = node_epoch.epoch + 1 RETURNING epoch
                """,
                [name]),
            (NextVersion, []),
            (
                """
                INSERT INTO node (name, epoch, state, gateway, release)
                SELECT $1, epoch, CASE WHEN EXISTS (SELECT FROM slot WHERE owner = $1) THEN 'live' ELSE 'joining' END,
                    $2, $3
                FROM node_epoch WHERE name = $1
                ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, state = excluded.state,
                    gateway = excluded.gateway, release = excluded.release, beat = node.beat + 1, links = '{}'
                """,
                [name, gateway, release]),
            (
                "UPDATE slot SET epoch = (SELECT epoch FROM node_epoch WHERE name = $1) WHERE owner = $1",
                [name]),
            (Tell, []));
        using var reader = batch.ExecuteReader();
        reader.Read();
        var epoch = reader.GetInt64(0);
        while (reader.NextResult())
        {
        }

        return epoch;
    }

    /// <summary>The node lives, and looks at all; false: its epoch is over.</summary>
    public (bool IsAlive, long Version, ImmutableArray<NodeRow> Nodes) Beat(
        string name, long epoch, NodeReport report)
    {
        var load = report.Load;
        using var batch = Batch(
            (
                """
                UPDATE node SET beat = beat + 1, links = $3, conferences = $4, in_work = $5, saves_waiting = $6,
                    commit_ms = $7
                WHERE name = $1 AND epoch = $2 AND state <> 'gone'
                RETURNING 1
                """,
                [
                    name, epoch, report.Links.ToArray(), load.Conferences, load.InWork, load.SavesWaiting,
                    load.CommitMilliseconds,
                ]),
            (
                """
                SELECT version, name, epoch, state, beat, gateway, release, links, conferences, in_work, saves_waiting,
                    commit_ms
                FROM cluster LEFT JOIN node ON true
                ORDER BY name COLLATE "C"
                """,
                []));
        using var reader = batch.ExecuteReader();
        var isAlive = reader.Read();
        reader.NextResult();
        var (version, nodes) = (0L, ImmutableArray.CreateBuilder<NodeRow>());
        while (reader.Read())
        {
            version = reader.GetInt64(0);
            if (!reader.IsDBNull(1))
                nodes.Add(Node(reader));
        }

        return (isAlive, version, nodes.ToImmutable());
    }

    /// <summary>All slots, with the version that they are of.</summary>
    public (long Version, ImmutableArray<SlotRow> Slots) Slots()
    {
        using var command = new NpgsqlCommand(
            """
            SELECT (SELECT version FROM cluster), array_agg(owner ORDER BY number), array_agg(epoch ORDER BY number)
            FROM slot
            """,
            connection)
        {
            CommandTimeout = patienceSeconds,
        };
        using var reader = command.ExecuteReader();
        reader.Read();
        var (owners, epochs) = (reader.GetFieldValue<string[]>(1), reader.GetFieldValue<long[]>(2));
        return (reader.GetInt64(0), [.. owners.Zip(epochs, (owner, epoch) => new SlotRow(owner, epoch))]);
    }

    /// <summary>False: the epoch is over.</summary>
    public bool SetState(string name, long epoch, NodeState state)
    {
        var (rows, _) = Run(
            (NextVersion, []),
            (
                "UPDATE node SET state = $3 WHERE name = $1 AND epoch = $2 AND state <> 'gone' RETURNING 1",
                [name, epoch, Text(state)]),
            (Tell, []));
        return rows > 0;
    }

    /// <summary>
    /// Takes its epoch from a node whose heartbeat stands still, once nothing of it is being saved; false: it lives, or
    /// somebody was faster.
    /// </summary>
    public bool DeclareDead(string name, long epoch, NodeRow dead)
    {
        var (rows, _) = Run(
            (
                """
                UPDATE node_epoch SET epoch = epoch + 1
                WHERE name = $3 AND epoch = $4
                    AND EXISTS (SELECT FROM node WHERE name = $3 AND epoch = $4 AND beat = $5 AND state <> 'gone')
                    AND EXISTS (SELECT FROM node_epoch WHERE name = $1 AND epoch = $2)
                """,
                [name, epoch, dead.Name, dead.Epoch, dead.Beat]),
            (NextVersion, []),
            (
                """
                UPDATE node SET state = 'gone'
                WHERE name = $1 AND epoch = $2 AND state <> 'gone'
                    AND NOT EXISTS (SELECT FROM node_epoch WHERE name = $1 AND epoch = $2)
                RETURNING 1
                """,
                [dead.Name, dead.Epoch]),
            (Tell, []));
        return rows > 0;
    }

    /// <summary>
    /// Gives slots of whoever they are of by these rows to others: none that is another's by now, and none at all when
    /// the epoch of this node is over. Answers how many, and the version that shows it.
    /// </summary>
    public (int Moved, long Version) Move(
        string name, long epoch, IReadOnlyList<SlotMove> moves) =>
        Run(
            ("SELECT 1 FROM node_epoch WHERE name = $1 AND epoch = $2 FOR SHARE", [name, epoch]),
            (NextVersion, []),
            (
                """
                UPDATE slot SET owner = a.owner, epoch = a.epoch
                FROM unnest($3, $4, $5, $6, $7) AS a (number, old_owner, old_epoch, owner, epoch)
                WHERE slot.number = a.number AND slot.owner = old_owner AND slot.epoch = old_epoch
                    AND EXISTS (SELECT FROM node_epoch WHERE name = $1 AND epoch = $2)
                RETURNING 1
                """,
                [
                    name, epoch, moves.Select(each => each.Slot).ToArray(),
                    moves.Select(each => each.From.Owner).ToArray(), moves.Select(each => each.From.Epoch).ToArray(),
                    moves.Select(each => each.To.Owner).ToArray(), moves.Select(each => each.To.Epoch).ToArray(),
                ]),
            (Tell, []));

    /// <summary>The node ends: what it still had is free at once, and nothing of it is saved any more. 0: it was over.</summary>
    public int Leave(string name, long epoch) =>
        Run(
            ("UPDATE node_epoch SET epoch = epoch + 1 WHERE name = $1 AND epoch = $2", [name, epoch]),
            (NextVersion, []),
            ("UPDATE node SET state = 'gone' WHERE name = $1 AND epoch = $2 RETURNING 1", [name, epoch]),
            (Tell, [])).Rows;

    public static string Text(NodeState state) => state.ToString().ToLowerInvariant();

    // Of a newer release: it is there, and as long as nobody here knows what it means nothing falls to it.
    private static NodeState StateOf(string text) =>
        Enum.TryParse<NodeState>(text, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : NodeState.Apart;

    private static NodeRow Node(NpgsqlDataReader reader) =>
        new(reader.GetString(1), reader.GetInt64(2), StateOf(reader.GetString(3)),
            reader.GetInt64(4))
        {
            Gateway = reader.GetString(5),
            Release = reader.GetString(6),
            Links = [.. reader.GetFieldValue<string[]>(7)],
            Load = new(reader.GetInt32(8), reader.GetInt32(9), reader.GetInt32(10), reader.GetInt32(11)),
        };

    // How many rows the last but one answered, for whose sake the others are there, and the new version.
    private (int Rows, long Version) Run(params (string Sql, object[] Values)[] statements)
    {
        using var batch = Batch(statements);
        using var reader = batch.ExecuteReader();
        var (rows, version) = (new List<int> { 0 }, 0L);
        do
        {
            if (reader.FieldCount == 0)
                continue;

            var count = 0;
            while (reader.Read())
            {
                count++;
                if (reader.GetName(0) == "version")
                    version = reader.GetInt64(0);
            }

            rows.Add(count);
        }
        while (reader.NextResult());
        return (rows[^2], version);
    }

    private NpgsqlBatch Batch(params (string Sql, object[] Values)[] statements)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = patienceSeconds };
        foreach (var (sql, values) in statements)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
                command.Parameters.Add(new() { Value = value });
            batch.BatchCommands.Add(command);
        }

        return batch;
    }
}

/// <summary>A slot that is to go from one owner to another.</summary>
internal readonly record struct SlotMove(int Slot, SlotRow From, SlotRow To);
