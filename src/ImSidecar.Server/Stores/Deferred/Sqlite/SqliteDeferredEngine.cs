using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Deferred.Sqlite;

/// <summary>Deferred messages in a SQLite file of their own.</summary>
internal sealed class SqliteDeferredEngine(SqliteDatabase database, string path) : IDeferredEngine
{
    private const string Columns =
        "owner, number, key, sender, recipient, anonymous, received, expires, sip_size, size, notices, key_id, subject";

    private readonly SqliteDeferredWriter _writer = new(database.Writer);

    public string Description => $"{path}, SQLite {database.LibraryVersion}";

    public static SqliteDeferredEngine Open(string path) =>
        new(SqliteDatabase.Open(path, SqliteDeferredSchema.Format), path);

    public void Write(IReadOnlyList<StoreWrite> batch) => _writer.Write(batch);

    public void Tidy(bool hasTime) => _writer.Tidy(hasTime);

    public void Probe() => _writer.Probe();

    public ValueTask<IReadOnlyList<DeferredRow>> ReadAsync(
        string user, long after, int most, long mostBytes, long now, CancellationToken cancellation)
    {
        var left = mostBytes;
        return Read(
            $"SELECT {Columns}, content FROM message WHERE owner = ?1 AND number > ?2 AND expires > ?3 "
            + "ORDER BY number LIMIT ?4",
            Row,
            // Size is before content: what is too much is not read.
            (reader, count) => (left -= reader.GetInt64(9)) >= 0 || count == 0,
            cancellation,
            Bytes(user), after, now, most);
    }

    public async ValueTask<DeferredRow?> FindAsync(string user, long number, CancellationToken cancellation)
    {
        var rows = await Read(
            $"SELECT {Columns}, content FROM message WHERE owner = ?1 AND number = ?2", Row, All, cancellation,
            Bytes(user), number);
        return rows.Count == 0 ? null : rows[0];
    }

    public ValueTask<IReadOnlyList<DeferredRow>> ListAsync(
        string user, long after, int most, long now, CancellationToken cancellation) =>
        Read(
            $"SELECT {Columns} FROM message WHERE owner = ?1 AND number > ?2 AND expires > ?3 ORDER BY number LIMIT ?4",
            Entry, All, cancellation, Bytes(user), after, now, most);

    public async ValueTask<DeferredCount> CountAsync(string user, CancellationToken cancellation)
    {
        var counts = await Read(
            "SELECT messages, bytes FROM box WHERE owner = ?1", Count, All, cancellation, Bytes(user));
        return counts.Count == 0 ? default : counts[0];
    }

    public async ValueTask<DeferredCount> CountAllAsync(CancellationToken cancellation) =>
        (await Read("SELECT messages, bytes FROM total", Count, All, cancellation))[0];

    public ValueTask<IReadOnlyList<string>> UsersAsync(string after, int most, CancellationToken cancellation) =>
        Read(
            "SELECT owner FROM box WHERE waits = 1 AND owner > ?1 ORDER BY owner LIMIT ?2",
            reader => Text(reader, 0), All, cancellation, Bytes(after), most);

    public ValueTask<IReadOnlyList<NoticeRow>> NoticesAsync(int most, CancellationToken cancellation) =>
        Read(
            "SELECT number, end, sender, recipient, asked, at FROM notice ORDER BY number LIMIT ?1",
            reader => new NoticeRow(
                reader.GetInt64(0), reader.GetInt32(1), reader.GetString(2), reader.GetString(3),
                reader.GetFieldValue<byte[]>(4), reader.GetInt64(5)),
            All, cancellation, most);

    public ValueTask DisposeAsync()
    {
        _writer.Dispose();
        database.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool All(SqliteDataReader reader, int count) => true;

    private static DeferredRow Row(SqliteDataReader reader) =>
        Entry(reader) with { Content = reader.GetFieldValue<byte[]>(13) };

    private static DeferredRow Entry(SqliteDataReader reader) => new()
    {
        User = Text(reader, 0),
        Number = reader.GetInt64(1),
        Key = Text(reader, 2),
        Sender = reader.GetString(3),
        Recipient = reader.GetString(4),
        IsAnonymous = reader.GetInt64(5) != 0,
        ReceivedAt = reader.GetInt64(6),
        ExpiresAt = reader.GetInt64(7),
        SipSize = reader.GetInt64(8),
        Size = reader.GetInt64(9),
        Notices = reader.IsDBNull(10) ? null : reader.GetFieldValue<byte[]>(10),
        KeyId = reader.IsDBNull(11) ? null : reader.GetString(11),
        Subject = reader.GetFieldValue<byte[]>(12),
    };

    private static DeferredCount Count(SqliteDataReader reader) => new(reader.GetInt64(0), reader.GetInt64(1));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(SqliteDataReader reader, int column) =>
        Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(column));

    private ValueTask<IReadOnlyList<T>> Read<T>(
        string sql, Func<SqliteDataReader, T> read, Func<SqliteDataReader, int, bool> isWanted,
        CancellationToken cancellation, params object[] values)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            return ValueTask.FromResult<IReadOnlyList<T>>(database.Readers.Read(reader =>
            {
                using var rows = reader.Rows(sql, values);
                var all = new List<T>();
                while (rows.Read() && isWanted(rows, all.Count))
                    all.Add(read(rows));
                return all;
            }));
        }
        catch (SqliteException error) when (SqliteErrors.IsOfTheStore(error))
        {
            throw new StoreUnavailableException(SqliteErrors.Text(error), error);
        }
    }
}
