using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Postgres;
using Npgsql;
using static ImSidecar.Server.Stores.Postgres.PostgresStatement;

namespace ImSidecar.Server.Stores.Deferred.Postgres;

/// <summary>What a batch does in the database, each once for all of its messages.</summary>
internal sealed class PostgresDeferredStatements(NpgsqlConnection connection) : IDisposable
{
    private const string Returned = "owner, number, digest, size, sender, recipient, notices, tells";

    private readonly PostgresStatement _lock = new(
        connection, "SELECT messages, bytes FROM total WHERE one = 1 FOR UPDATE");

    private readonly PostgresStatement _remove = new(
        connection,
        $"""
        WITH gone AS (
            DELETE FROM message m
            USING unnest($1, $2, $3, $4, $5, $6) AS a (asked_owner, asked_number, request, ending, mask, at)
            WHERE owner = asked_owner AND number = asked_number
            RETURNING {Returned}, request, ending, mask, at),
        {Aftermath}
        """,
        Bytes, Numbers, Integers, Integers, Integers, Numbers, Number);

    private readonly PostgresStatement _expire = new(
        connection,
        $"""
        WITH gone AS (
            DELETE FROM message
            WHERE ctid = ANY (ARRAY (SELECT ctid FROM message WHERE expires <= $1 ORDER BY expires LIMIT $2))
            RETURNING {Returned}, 0 AS request, {(int)DeferredEnd.Expired} AS ending, {(int)Ends.Failed} AS mask,
                $1 AS at),
        {Aftermath.Replace("$7", "$3", StringComparison.Ordinal)}
        """,
        Number, Number, Number);

    private readonly PostgresStatement _forgetPast = new(
        connection,
        "DELETE FROM past WHERE ctid = ANY (ARRAY (SELECT ctid FROM past WHERE until <= $1 ORDER BY until LIMIT $2))",
        Number, Number);

    private readonly PostgresStatement _forget = new(
        connection, "DELETE FROM notice WHERE number = ANY ($1)", Numbers);

    private readonly PostgresStatement _boxes = new(
        connection, "SELECT owner, messages, bytes, last FROM box WHERE owner = ANY ($1)", Bytes);

    private readonly PostgresStatement _known = new(
        connection,
        """
        SELECT n FROM unnest($1, $2) WITH ORDINALITY AS a (owner, digest, n) JOIN message USING (owner, digest)
        UNION ALL
        SELECT n FROM unnest($1, $2, $3) WITH ORDINALITY AS a (owner, digest, at, n) JOIN past USING (owner, digest)
        WHERE until > at
        """,
        Bytes, Bytes, Numbers);

    private readonly PostgresStatement _insert = new(
        connection,
        """
        INSERT INTO message (owner, number, digest, received, expires, anonymous, tells, sip_size, size, key, sender,
            recipient, notices, key_id, subject, content)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """,
        Bytes, Numbers, Bytes, Numbers, Numbers, Booleans, Integers, Numbers, Numbers, Bytes, Texts, Texts, Bytes,
        Texts, Bytes, Bytes);

    private readonly PostgresStatement _writeBoxes = new(
        connection,
        """
        INSERT INTO box (owner, messages, bytes, last, waits)
        SELECT owner, messages, bytes, last, messages > 0
        FROM unnest($1, $2, $3, $4) AS a (owner, messages, bytes, last)
        ON CONFLICT (owner) DO UPDATE SET messages = excluded.messages, bytes = excluded.bytes, last = excluded.last,
            waits = excluded.waits
        """,
        Bytes, Numbers, Numbers, Numbers);

    private readonly PostgresStatement _writeAll = new(
        connection, "UPDATE total SET messages = $1, bytes = $2 WHERE one = 1", Number, Number);

    // What is kept of those that are gone, and what there was.
    private const string Aftermath =
        """
        told AS (
            INSERT INTO notice (ending, at, sender, recipient, asked)
            SELECT ending, at, sender, recipient, notices FROM gone WHERE tells & mask <> 0 ORDER BY number),
        remembered AS (
            INSERT INTO past (owner, digest, until) SELECT owner, digest, at + $7 FROM gone
            ON CONFLICT (owner, digest) DO UPDATE SET until = excluded.until)
        SELECT owner, request, count(*), sum(size)::bigint FROM gone GROUP BY owner, request
        """;

    /// <summary>What waits on all; until the end of the transaction nobody else writes.</summary>
    public DeferredCount LockAll() =>
        _lock.Read(reader => new DeferredCount(reader.GetInt64(0), reader.GetInt64(1)))[0];

    /// <summary>Takes messages out; each by which of the requests, and of whom.</summary>
    public List<RemovedMessages> Remove(IReadOnlyList<DeferredRemoval> removals)
    {
        var all = removals
            .SelectMany((removal, i) => removal.Numbers.Select(number => (removal, i, number)))
            .ToList();
        var gone = _remove.Read(
            Removed,
            Column(all, each => Encode(each.removal.User)), Column(all, each => each.number),
            Column(all, each => each.i), Column(all, each => (int)each.removal.End),
            Column(all, each => (int)StoredNotices.Of(each.removal.End)), Column(all, each => each.removal.At),
            DeferredRowFormat.RememberedFor);
        if (gone.Count > 0)
            ForgetPast(removals.Max(removal => removal.At), all.Count);
        return gone;
    }

    public List<RemovedMessages> Expire(DeferredExpiry expiry)
    {
        var gone = _expire.Read(Removed, expiry.At, (long)expiry.Most, DeferredRowFormat.RememberedFor);
        ForgetPast(expiry.At, expiry.Most);
        return gone;
    }

    public void Forget(List<long> notices) => _forget.Run(notices.ToArray());

    public void LoadBoxes(DeferralLedger ledger, IEnumerable<string> users)
    {
        var wanted = users.ToHashSet();
        var boxes = _boxes.Read(
            reader => new DeferredBox(Text(reader, 0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)),
            (object)wanted.Select(Encode).ToArray());
        foreach (var box in boxes)
        {
            ledger.Put(box);
            wanted.Remove(box.User);
        }

        foreach (var user in wanted)
            ledger.Put(new(user));
    }

    /// <summary>Which of them are copies of what is stored, or was a moment ago.</summary>
    public HashSet<int> Known(IReadOnlyList<DeferredAdd> adds) =>
    [
        .. _known.Read(
            reader => (int)reader.GetInt64(0) - 1,
            Column(adds, add => Encode(add.Row.User)), Column(adds, add => add.Digest),
            Column(adds, add => add.Row.ReceivedAt)),
    ];

    public void Insert(IReadOnlyList<(DeferredAdd Add, long Number)> kept)
    {
        if (kept.Count == 0)
            return;

        object Of<T>(Func<DeferredRow, T> value) => Column(kept, each => value(each.Add.Row));
        _insert.Run(
            Of(row => Encode(row.User)), Column(kept, each => each.Number), Column(kept, each => each.Add.Digest),
            Of(row => row.ReceivedAt), Of(row => row.ExpiresAt), Of(row => row.IsAnonymous),
            Column(kept, each => (int)each.Add.TellsOf), Of(row => row.SipSize), Of(row => row.Size),
            Of(row => Encode(row.Key)), Of(row => row.Sender), Of(row => row.Recipient), Of(row => row.Notices),
            Of(row => row.KeyId), Of(row => row.Subject), Of(row => row.Content));
    }

    public void Write(DeferralLedger ledger)
    {
        var changed = ledger.Changed.ToList();
        if (changed.Count == 0)
            return;

        _writeBoxes.Run(
            Column(changed, box => Encode(box.User)), Column(changed, box => box.Messages),
            Column(changed, box => box.Bytes), Column(changed, box => box.Last));
        _writeAll.Run(ledger.All.Messages, ledger.All.Bytes);
    }

    public void Dispose()
    {
        PostgresStatement[] statements =
            [_lock, _remove, _expire, _forgetPast, _forget, _boxes, _known, _insert, _writeBoxes, _writeAll];
        foreach (var statement in statements)
            statement.Dispose();
    }

    // Faster than it grows.
    private void ForgetPast(long at, int remembered) => _forgetPast.Run(at, 2L * remembered);

    private static T[] Column<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var column = new T[rows.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = value(rows[i]);
        return column;
    }

    private static RemovedMessages Removed(NpgsqlDataReader reader) =>
        new(Text(reader, 0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3));

    private static byte[] Encode(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(NpgsqlDataReader reader, int column) =>
        Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(column));
}
