using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImSidecar.Server.Stores.Deferred.Postgres;

/// <summary>The same by NOTIFY: quick, and not kept for who is away.</summary>
internal sealed class PostgresWaitingNews(PostgresDatabase database, ILogger logger) : IWaitingNews
{
    // PostgreSQL takes less than 8000 bytes.
    private const int MostCharacters = 1900;

    private static readonly TimeSpan _again = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _looks = TimeSpan.FromSeconds(10);

    private string Channel => database.Schema + "_waiting";

    public async ValueTask TellAsync(string user)
    {
        if (user.Length > MostCharacters)
            return;

        try
        {
            await database.ReadAsync("SELECT pg_notify($1, $2)", _ => true, CancellationToken.None, Channel, user);
        }
        catch (StoreUnavailableException error)
        {
            Log.NotTold(logger, error.Message);
        }
    }

    public async Task ListenAsync(Action<string?> heard, CancellationToken cancellation)
    {
        for (var isFirst = true; !cancellation.IsCancellationRequested; isFirst = false)
        {
            try
            {
                await using var connection = await database.OpenAsync(cancellation);
                connection.Notification += (_, told) => heard(told.Payload);
                await using (var listen = new NpgsqlCommand($"LISTEN \"{Channel}\"", connection))
                    await listen.ExecuteNonQueryAsync(cancellation);
                if (!isFirst)
                    heard(null);
                while (true)
                {
                    // A question now and then finds a connection that is dead without a word.
                    if (!await connection.WaitAsync(_looks, cancellation))
                    {
                        await using var alive = new NpgsqlCommand("SELECT 1", connection);
                        await alive.ExecuteNonQueryAsync(cancellation);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Log.NotHeard(logger, error.Message);
                await Task.Delay(_again, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
