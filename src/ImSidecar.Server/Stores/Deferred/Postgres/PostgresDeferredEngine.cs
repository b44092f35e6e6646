using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImSidecar.Server.Stores.Deferred.Postgres;

/// <summary>Deferred messages in a PostgreSQL database, which other nodes may use too.</summary>
internal sealed class PostgresDeferredEngine(PostgresDatabase database, ILogger logger) : IDeferredEngine
{
    private const string Columns =
        "owner, number, key, sender, recipient, anonymous, received, expires, sip_size, size, notices, key_id, subject";

    private readonly PostgresDeferredWriter _writer = new(database);

    public string Description => database.Description;

    public IWaitingNews News { get; } = new PostgresWaitingNews(database, logger);

    /// <summary>Throws when only the operator can mend it; the reason why it is away now, if it is.</summary>
    public StoreUnavailableException? Start()
    {
        try
        {
            _writer.Connect();
            return null;
        }
        catch (StoreUnavailableException error) when (
            error.InnerException is { } cause && !PostgresErrors.IsOfTheConfiguration(cause))
        {
            return error;
        }
        catch (StoreUnavailableException error)
        {
            throw new StoreUnavailableException(
                $"DeferredStore:Connection: cannot use {Description}: {error.Message}", error)
            {
                IsOfAnother = error.IsOfAnother,
            };
        }
    }

    public void Write(IReadOnlyList<StoreWrite> batch) => _writer.Write(batch);

    public void Tidy(bool hasTime) => _writer.Tidy(hasTime);

    public void Probe() => _writer.Probe();

    public ValueTask<IReadOnlyList<DeferredRow>> ReadAsync(
        string user, long after, int most, long mostBytes, long now, CancellationToken cancellation) =>
        database.ReadAsync(
            $"""
            WITH page AS (
                SELECT number, size FROM message WHERE owner = $1 AND number > $2 AND expires > $3
                ORDER BY number LIMIT $4),
            summed AS (SELECT number, size, sum(size) OVER (ORDER BY number) AS upto FROM page)
            SELECT {Columns}, content FROM message
            WHERE owner = $1 AND number > $2 AND expires > $3
                AND number <= (SELECT max(number) FROM summed WHERE upto <= $5 OR upto = size)
            ORDER BY number
            """,
            Row, cancellation, Bytes(user), after, now, most, (decimal)mostBytes);

    public async ValueTask<DeferredRow?> FindAsync(string user, long number, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(
            $"SELECT {Columns}, content FROM message WHERE owner = $1 AND number = $2", Row, cancellation, Bytes(user),
            number);
        return rows.Count == 0 ? null : rows[0];
    }

    public ValueTask<IReadOnlyList<DeferredRow>> ListAsync(
        string user, long after, int most, long now, CancellationToken cancellation) =>
        database.ReadAsync(
            $"SELECT {Columns} FROM message WHERE owner = $1 AND number > $2 AND expires > $3 ORDER BY number LIMIT $4",
            Entry, cancellation, Bytes(user), after, now, most);

    public async ValueTask<DeferredCount> CountAsync(string user, CancellationToken cancellation)
    {
        var counts = await database.ReadAsync(
            "SELECT messages, bytes FROM box WHERE owner = $1", Count, cancellation, Bytes(user));
        return counts.Count == 0 ? default : counts[0];
    }

    public async ValueTask<DeferredCount> CountAllAsync(CancellationToken cancellation) =>
        (await database.ReadAsync("SELECT messages, bytes FROM total WHERE one = 1", Count, cancellation))[0];

    public ValueTask<IReadOnlyList<string>> UsersAsync(string after, int most, CancellationToken cancellation) =>
        database.ReadAsync(
            "SELECT owner FROM box WHERE waits AND owner > $1 ORDER BY owner LIMIT $2",
            reader => Text(reader, 0), cancellation, Bytes(after), most);

    public ValueTask<IReadOnlyList<NoticeRow>> NoticesAsync(int most, CancellationToken cancellation) =>
        database.ReadAsync(
            "SELECT number, ending, sender, recipient, asked, at FROM notice ORDER BY number LIMIT $1",
            reader => new NoticeRow(
                reader.GetInt64(0), reader.GetInt32(1), reader.GetString(2), reader.GetString(3),
                reader.GetFieldValue<byte[]>(4), reader.GetInt64(5)),
            cancellation, most);

    public async ValueTask DisposeAsync()
    {
        _writer.Dispose();
        await database.DisposeAsync();
    }

    private static DeferredRow Row(NpgsqlDataReader reader) =>
        Entry(reader) with { Content = reader.GetFieldValue<byte[]>(13) };

    private static DeferredRow Entry(NpgsqlDataReader reader) => new()
    {
        User = Text(reader, 0),
        Number = reader.GetInt64(1),
        Key = Text(reader, 2),
        Sender = reader.GetString(3),
        Recipient = reader.GetString(4),
        IsAnonymous = reader.GetBoolean(5),
        ReceivedAt = reader.GetInt64(6),
        ExpiresAt = reader.GetInt64(7),
        SipSize = reader.GetInt64(8),
        Size = reader.GetInt64(9),
        Notices = reader.IsDBNull(10) ? null : reader.GetFieldValue<byte[]>(10),
        KeyId = reader.IsDBNull(11) ? null : reader.GetString(11),
        Subject = reader.GetFieldValue<byte[]>(12),
    };

    private static DeferredCount Count(NpgsqlDataReader reader) => new(reader.GetInt64(0), reader.GetInt64(1));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(NpgsqlDataReader reader, int column) =>
        Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(column));
}
