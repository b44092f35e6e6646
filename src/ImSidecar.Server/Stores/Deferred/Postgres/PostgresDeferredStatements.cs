using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Postgres;
using Npgsql;
using static ImSidecar.Server.Stores.Postgres.PostgresCommands;

namespace ImSidecar.Server.Stores.Deferred.Postgres;

/// <summary>What a batch does in the database, each once for all of its messages; answers come in the order of questions.</summary>
internal static class PostgresDeferredStatements
{
    private const string Returned = "owner, number, digest, size, sender, recipient, notices, tells";

    // What is kept of those that are gone, and what there was.
    private const string Aftermath =
        """
        told AS (
            INSERT INTO notice (ending, at, sender, recipient, asked)
            SELECT ending, at, sender, recipient, notices FROM gone WHERE tells & mask <> 0 ORDER BY number),
        remembered AS (
            INSERT INTO past (owner, digest, until) SELECT owner, digest, at + $1 FROM gone
            ON CONFLICT (owner, digest) DO UPDATE SET until = excluded.until)
        SELECT owner, request, count(*), sum(size)::bigint FROM gone GROUP BY owner, request
        """;

    public static void Forget(this NpgsqlBatch batch, List<long> notices) =>
        batch.Add("DELETE FROM notice WHERE number = ANY ($1)", notices.ToArray());

    /// <summary>What waits on all; until the end of the transaction nobody else writes.</summary>
    public static void LockAll(this NpgsqlBatch batch) =>
        batch.Add("SELECT messages, bytes FROM total WHERE one = 1 FOR UPDATE");

    public static DeferredCount All(this NpgsqlDataReader reader) =>
        reader.Rows(row => new DeferredCount(row.GetInt64(0), row.GetInt64(1)))[0];

    /// <summary>Takes messages out; each by which of the requests, and of whom, says <see cref="Removed"/>.</summary>
    public static void Remove(this NpgsqlBatch batch, IReadOnlyList<DeferredRemoval> removals)
    {
        var all = removals
            .SelectMany((removal, i) => removal.Numbers.Select(number => (removal, i, number)))
            .ToList();
        batch.Add(
            $"""
            WITH gone AS (
                DELETE FROM message m
                USING unnest($2, $3, $4, $5, $6, $7) AS a (asked_owner, asked_number, request, ending, mask, at)
                WHERE owner = asked_owner AND number = asked_number
                RETURNING {Returned}, request, ending, mask, at),
            {Aftermath}
            """,
            DeferredRowFormat.RememberedFor, Column(all, each => Bytes(each.removal.User)),
            Column(all, each => each.number), Column(all, each => each.i), Column(all, each => (int)each.removal.End),
            Column(all, each => (int)StoredNotices.Of(each.removal.End)), Column(all, each => each.removal.At));
        batch.ForgetPast(removals.Max(removal => removal.At), all.Count);
    }

    public static void Expire(this NpgsqlBatch batch, DeferredExpiry expiry)
    {
        batch.Add(
            $"""
            WITH gone AS (
                DELETE FROM message
                WHERE ctid = ANY (ARRAY (SELECT ctid FROM message WHERE expires <= $2 ORDER BY expires LIMIT $3))
                RETURNING {Returned}, 0 AS request, {(int)DeferredEnd.Expired} AS ending, {(int)Ends.Failed} AS mask,
                    $2 AS at),
            {Aftermath}
            """,
            DeferredRowFormat.RememberedFor, expiry.At, (long)expiry.Most);
        batch.ForgetPast(expiry.At, expiry.Most);
    }

    public static List<RemovedMessages> Removed(this NpgsqlDataReader reader) => reader.Rows(row =>
        new RemovedMessages(row.Text(0), row.GetInt32(1), row.GetInt64(2), row.GetInt64(3)));

    public static void Boxes(this NpgsqlBatch batch, IEnumerable<string> users) => batch.Add(
        "SELECT owner, messages, bytes, last FROM box WHERE owner = ANY ($1)", (object)users.Select(Bytes).ToArray());

    public static List<DeferredBox> Boxes(this NpgsqlDataReader reader) => reader.Rows(row =>
        new DeferredBox(row.Text(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)));

    /// <summary>Which of them are copies of what is stored, or was a moment ago.</summary>
    public static void Known(this NpgsqlBatch batch, IReadOnlyList<DeferredAdd> adds) => batch.Add(
        """
        SELECT n FROM unnest($1, $2) WITH ORDINALITY AS a (owner, digest, n) JOIN message USING (owner, digest)
        UNION ALL
        SELECT n FROM unnest($1, $2, $3) WITH ORDINALITY AS a (owner, digest, at, n) JOIN past USING (owner, digest)
        WHERE until > at
        """,
        Column(adds, add => Bytes(add.Row.User)), Column(adds, add => add.Digest), Column(adds, add => add.Row.ReceivedAt));

    public static HashSet<int> Known(this NpgsqlDataReader reader) => [.. reader.Rows(row => (int)row.GetInt64(0) - 1)];

    public static void Insert(this NpgsqlBatch batch, IReadOnlyList<(DeferredAdd Add, long Number)> kept)
    {
        object Of<T>(Func<DeferredRow, T> value) => Column(kept, each => value(each.Add.Row));
        batch.Add(
            """
            INSERT INTO message (owner, number, digest, received, expires, anonymous, tells, sip_size, size, key, sender,
                recipient, notices, key_id, subject, content)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """,
            Of(row => Bytes(row.User)), Column(kept, each => each.Number), Column(kept, each => each.Add.Digest),
            Of(row => row.ReceivedAt), Of(row => row.ExpiresAt), Of(row => row.IsAnonymous),
            Column(kept, each => (int)each.Add.TellsOf), Of(row => row.SipSize), Of(row => row.Size),
            Of(row => Bytes(row.Key)), Of(row => row.Sender), Of(row => row.Recipient), Of(row => row.Notices),
            Of(row => row.KeyId), Of(row => row.Subject), Of(row => row.Content));
    }

    public static void Write(this NpgsqlBatch batch, IReadOnlyList<DeferredBox> changed, DeferredCount all)
    {
        batch.Add(
            """
            INSERT INTO box (owner, messages, bytes, last, waits)
            SELECT owner, messages, bytes, last, messages > 0
            FROM unnest($1, $2, $3, $4) AS a (owner, messages, bytes, last)
            ON CONFLICT (owner) DO UPDATE SET messages = excluded.messages, bytes = excluded.bytes,
                last = excluded.last, waits = excluded.waits
            """,
            Column(changed, box => Bytes(box.User)), Column(changed, box => box.Messages),
            Column(changed, box => box.Bytes), Column(changed, box => box.Last));
        batch.Add("UPDATE total SET messages = $1, bytes = $2 WHERE one = 1", all.Messages, all.Bytes);
    }

    // Faster than it grows.
    private static void ForgetPast(this NpgsqlBatch batch, long at, int remembered) => batch.Add(
        "DELETE FROM past WHERE ctid = ANY (ARRAY (SELECT ctid FROM past WHERE until <= $1 ORDER BY until LIMIT $2))",
        at, 2L * remembered);

    private static T[] Column<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var column = new T[rows.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = value(rows[i]);
        return column;
    }
}
