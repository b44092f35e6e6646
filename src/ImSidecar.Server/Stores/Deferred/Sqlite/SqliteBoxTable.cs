using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Deferred.Sqlite;

/// <summary>What waits for each user and for all, within the transaction of the writer.</summary>
internal sealed class SqliteBoxTable(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _all = new(connection, "SELECT messages, bytes FROM total");

    private readonly SqliteStatement _writeAll = new(connection, "UPDATE total SET messages = ?1, bytes = ?2");

    private readonly SqliteStatement _read = new(
        connection, "SELECT messages, bytes, last FROM box WHERE owner = ?1");

    private readonly SqliteStatement _insert = new(
        connection, "INSERT INTO box (owner, messages, bytes, last, waits) VALUES (?1, ?2, ?3, ?4, ?5)");

    private readonly SqliteStatement _update = new(
        connection, "UPDATE box SET messages = ?2, bytes = ?3, last = ?4 WHERE owner = ?1");

    // Apart, for it costs the index.
    private readonly SqliteStatement _turn = new(connection, "UPDATE box SET waits = ?2 WHERE owner = ?1");

    public DeferredCount All()
    {
        Span<long> row = stackalloc long[2];
        _all.TryRead(row);
        return new(row[0], row[1]);
    }

    public DeferredBox Box(DeferralLedger ledger, string user)
    {
        if (ledger.Find(user) is { } known)
            return known;

        Span<long> row = stackalloc long[3];
        return ledger.Put(_read.TryRead(row, Encoding.UTF8.GetBytes(user))
            ? new(user, row[0], row[1], row[2])
            : new(user));
    }

    public void Write(DeferralLedger ledger)
    {
        var isChanged = false;
        foreach (var box in ledger.Changed)
        {
            Write(box);
            isChanged = true;
        }

        if (isChanged)
            _writeAll.Run(ledger.All.Messages, ledger.All.Bytes);
    }

    public void Dispose()
    {
        SqliteStatement[] statements = [_all, _writeAll, _read, _insert, _update, _turn];
        foreach (var statement in statements)
            statement.Dispose();
    }

    private void Write(DeferredBox box)
    {
        var owner = Encoding.UTF8.GetBytes(box.User);
        if (box.IsNew)
        {
            _insert.Run(owner, box.Messages, box.Bytes, box.Last, box.Waits ? 1 : 0);
            return;
        }

        _update.Run(owner, box.Messages, box.Bytes, box.Last);
        if (box.TurnsRound)
            _turn.Run(owner, box.Waits ? 1 : 0);
    }
}
