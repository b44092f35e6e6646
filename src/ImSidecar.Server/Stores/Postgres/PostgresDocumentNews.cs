using ImSidecar.Protocol.Xdm;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// Tells which documents other nodes have changed: each change is in a table, in the order of the commits, and NOTIFY
/// says that there is one. What happens while the connection is away is read from the table afterwards.
/// </summary>
internal sealed class PostgresDocumentNews(
    PostgresDatabase database, string origin, Action<IReadOnlyList<DocumentSelector>?> tell, ILogger logger)
    : IAsyncDisposable
{
    private const int Page = 1000;

    // So long a change may stay unknown when its notification was lost, or the way to the server has just died.
    private static readonly TimeSpan _looks = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private Task _listening = Task.CompletedTask;
    private long _seen;

    /// <summary>From now on; what is read later is as new.</summary>
    public async Task StartAsync()
    {
        _seen = await LastAsync(_closing.Token);
        _listening = Task.Run(ListenAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _listening;
        _closing.Dispose();
    }

    private async Task ListenAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenAsync(_closing.Token);
                await using (var listen = new NpgsqlCommand($"LISTEN {database.Schema}_documents", connection))
                    await listen.ExecuteNonQueryAsync(_closing.Token);
                while (true)
                {
                    await ReadAsync(_closing.Token);
                    await connection.WaitAsync(_looks, _closing.Token);
                }
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Log.NoNews(logger, error.Message);
                await Task.Delay(_again, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var last = await LastAsync(cancellation);
        // What is longer ago is in the table no more; and a server that was set back counts anew.
        if (last > _seen + PostgresDocumentRows.ChangesKept || last < _seen)
        {
            _seen = last;
            tell(null);
            await TellAllAsync(cancellation);
            return;
        }

        while (_seen < last)
        {
            var changes = await database.ReadAsync(
                "SELECT owner, auid, path, number, origin, groups FROM change WHERE number > $1 "
                + "ORDER BY number LIMIT $2",
                Change, cancellation, _seen, Page);
            if (changes.Count == 0)
                return;

            var others = changes.Where(change => change.Origin != origin)
                .SelectMany(change => change.Documents).ToList();
            _seen = changes[^1].Number;
            if (others.Count > 0)
                tell(others);
        }
    }

    // Others may have made something of documents that are not kept any more.
    private async Task TellAllAsync(CancellationToken cancellation)
    {
        var (owner, auid, path) = (Array.Empty<byte>(), Array.Empty<byte>(), Array.Empty<byte>());
        while (true)
        {
            var documents = await database.ReadAsync(
                "SELECT owner, auid, path, ARRAY (SELECT uri FROM group_uri g "
                + "WHERE g.owner = d.owner AND g.auid = d.auid AND g.path = d.path) FROM document d "
                + "WHERE (owner, auid, path) > ($1, $2, $3) ORDER BY owner, auid, path LIMIT $4",
                reader => (Key: (reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1),
                    reader.GetFieldValue<byte[]>(2)), Told: Told(reader, groups: 3)),
                cancellation, owner, auid, path, Page);
            if (documents.Count == 0)
                return;

            tell([.. documents.SelectMany(document => document.Told)]);
            (owner, auid, path) = documents[^1].Key;
        }
    }

    private async Task<long> LastAsync(CancellationToken cancellation) =>
        (await database.ReadAsync(
            "SELECT coalesce(max(number), 0) FROM change", reader => reader.GetInt64(0), cancellation))[0];

    private static (long Number, string Origin, DocumentSelector[] Documents) Change(NpgsqlDataReader reader) =>
        (reader.GetInt64(3), reader.GetString(4), Told(reader, groups: 5));

    private static DocumentSelector[] Told(NpgsqlDataReader reader, int groups) =>
    [
        PostgresDocumentRows.Selector(reader),
        .. reader.GetFieldValue<byte[][]>(groups).Select(System.Text.Encoding.UTF8.GetString)
            .Select(DocumentSelector.OfGroup),
    ];
}
