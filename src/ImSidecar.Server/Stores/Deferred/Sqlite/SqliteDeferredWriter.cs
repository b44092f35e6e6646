using System.Diagnostics;
using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Deferred.Sqlite;

/// <summary>Writes a batch of deferred messages and removals in one transaction.</summary>
internal sealed class SqliteDeferredWriter(SqliteConnection connection) : IStoreWriter, IDisposable
{
    private readonly SqliteTransactions _transactions = new(connection, SqliteDeferredSchema.Format);
    private readonly SqliteBoxTable _boxes = new(connection);
    private readonly SqliteShrinking _shrinking = new(connection);

    private readonly SqliteStatement _known = new(
        connection,
        "SELECT 1 FROM message WHERE owner = ?1 AND digest = ?2 "
        + "UNION ALL SELECT 1 FROM past WHERE owner = ?1 AND digest = ?2 AND until > ?3");

    private readonly SqliteStatement _insert = new(
        connection,
        "INSERT INTO message (owner, number, digest, received, expires, anonymous, tells, sip_size, size, key, sender, "
        + "recipient, notices, key_id, subject, content) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");

    private readonly SqliteStatement _find = new(
        connection, "SELECT rowid, size, tells FROM message WHERE owner = ?1 AND number = ?2");

    private readonly SqliteStatement _note = new(
        connection,
        "INSERT INTO notice (end, at, sender, recipient, asked) "
        + "SELECT ?2, ?3, sender, recipient, notices FROM message WHERE rowid = ?1");

    private readonly SqliteStatement _remember = new(
        connection,
        "INSERT INTO past (owner, digest, until) SELECT owner, digest, ?2 FROM message WHERE rowid = ?1 "
        + "ON CONFLICT DO UPDATE SET until = excluded.until");

    private readonly SqliteStatement _delete = new(connection, "DELETE FROM message WHERE rowid = ?1");

    private readonly SqliteCommand _expired = connection.Prepared(
        "SELECT owner, number FROM message WHERE expires <= ?1 ORDER BY expires LIMIT ?2", 2);

    private readonly SqliteStatement _forget = new(
        connection,
        "DELETE FROM past WHERE (owner, digest) IN "
        + "(SELECT owner, digest FROM past WHERE until <= ?1 ORDER BY until LIMIT ?2)");

    private readonly SqliteStatement _told = new(connection, "DELETE FROM notice WHERE number = ?1");

    public void Write(IReadOnlyList<StoreWrite> batch) => _transactions.Run(() =>
    {
        var ledger = new DeferralLedger(_boxes.All());
        foreach (var write in batch)
        {
            write.IsSaved = true;
            switch (write)
            {
                case DeferredAdd add:
                    add.Result = Add(ledger, add);
                    break;
                case DeferredRemoval removal:
                    removal.Count = Remove(ledger, removal);
                    break;
                case DeferredExpiry expiry:
                    expiry.Count = Expire(ledger, expiry);
                    break;
                case NoticesTold told:
                    foreach (var number in told.Numbers)
                        _told.Run(number);
                    break;
                default:
                    throw new UnreachableException(write.GetType().Name);
            }
        }

        _boxes.Write(ledger);
    });

    public void Probe() => _transactions.Probe();

    public void Tidy(bool hasTime)
    {
        _transactions.Tidy(hasTime);
        if (hasTime)
            _shrinking.Step();
    }

    public void Dispose()
    {
        IDisposable[] statements =
        [
            _transactions, _boxes, _shrinking, _known, _insert, _find, _note, _remember, _delete, _expired, _forget,
            _told,
        ];
        foreach (var statement in statements)
            statement.Dispose();
    }

    private Deferral Add(DeferralLedger ledger, DeferredAdd add)
    {
        var row = add.Row;
        var owner = Encoding.UTF8.GetBytes(row.User);
        if (_known.TryRead([], owner, add.Digest, row.ReceivedAt))
            return Deferral.Known;

        var box = _boxes.Box(ledger, row.User);
        var result = ledger.Admit(box, row.Size, add.Quota);
        if (result != Deferral.Kept)
            return result;

        _insert.Run(
            owner, box.Last, add.Digest, row.ReceivedAt, row.ExpiresAt, row.IsAnonymous ? 1 : 0, (int)add.TellsOf,
            row.SipSize, row.Size, Encoding.UTF8.GetBytes(row.Key), row.Sender, row.Recipient,
            row.Notices ?? (object)DBNull.Value, row.KeyId ?? (object)DBNull.Value, row.Subject, row.Content);
        return Deferral.Kept;
    }

    private int Remove(DeferralLedger ledger, DeferredRemoval removal)
    {
        var count = 0;
        foreach (var number in removal.Numbers)
            count += TryRemove(ledger, removal.User, number, removal.End, removal.At) ? 1 : 0;
        Forget(removal.At, count);
        return count;
    }

    private bool TryRemove(DeferralLedger ledger, string user, long number, DeferredEnd end, long at)
    {
        Span<long> found = stackalloc long[3];
        if (!_find.TryRead(found, Encoding.UTF8.GetBytes(user), number))
            return false;

        var (row, size, tells) = (found[0], found[1], (Ends)found[2]);
        if ((tells & StoredNotices.Of(end)) != 0)
            _note.Run(row, (int)end, at);
        _remember.Run(row, at + DeferredRowFormat.RememberedFor);
        _delete.Run(row);
        ledger.Remove(_boxes.Box(ledger, user), 1, size);
        return true;
    }

    private int Expire(DeferralLedger ledger, DeferredExpiry expiry)
    {
        var expired = new List<(string User, long Number)>();
        using (var reader = _expired.With(expiry.At, expiry.Most).ExecuteReader())
        {
            while (reader.Read())
                expired.Add((Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(0)), reader.GetInt64(1)));
        }

        foreach (var (user, number) in expired)
            TryRemove(ledger, user, number, DeferredEnd.Expired, expiry.At);
        Forget(expiry.At, expiry.Most);
        return expired.Count;
    }

    // Faster than it grows.
    private void Forget(long at, int remembered)
    {
        if (remembered > 0)
            _forget.Run(at, 2L * remembered);
    }
}
