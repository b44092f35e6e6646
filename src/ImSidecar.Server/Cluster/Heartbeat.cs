using Npgsql;

namespace ImSidecar.Server.Cluster;

/// <summary>The line by which a node says that it lives and hears of changes; each question has its time.</summary>
internal sealed class Heartbeat(
    NodeIdentity identity, ClusterOptions options, Func<CancellationToken, ValueTask<NpgsqlConnection>> open)
    : IAsyncDisposable
{
    // Milliseconds; nobody waits for a row of one that stands still, and no row waits for us.
    private const string Prepare =
        $"""
        LISTEN {NodeTables.Channel};
        SET lock_timeout = 1000;
        """;

    private readonly ClusterLine _line = new(cancellation => OpenAsync(identity, open, cancellation));
    private readonly Lock _gate = new();
    private CancellationTokenSource _wake = new();

    /// <summary>Throws TimeoutException when the answer would come too late to count.</summary>
    public async Task<T> AskAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(options.StopsAfter);
        try
        {
            return await ask(await _line.GetAsync(late.Token), late.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {options.StopsAfter.TotalSeconds} s");
        }
    }

    /// <summary>Until it is time, somebody wakes it or another node has told of a change.</summary>
    public async Task RestAsync(CancellationToken cancellation)
    {
        CancellationTokenSource wake;
        lock (_gate)
            wake = _wake;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, wake.Token);
        try
        {
            var connection = await _line.GetAsync(end.Token);
            await connection.WaitAsync(options.Heartbeat, end.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            lock (_gate)
                _wake = new();
        }
    }

    public void Wake()
    {
        lock (_gate)
            _wake.Cancel();
    }

    public ValueTask CloseAsync() => _line.CloseAsync();

    public ValueTask DisposeAsync() => _line.DisposeAsync();

    private static async ValueTask<NpgsqlConnection> OpenAsync(
        NodeIdentity identity, Func<CancellationToken, ValueTask<NpgsqlConnection>> open,
        CancellationToken cancellation)
    {
        var connection = await open(cancellation);
        try
        {
            await using var command = new NpgsqlCommand(Prepare, connection);
            await command.ExecuteNonQueryAsync(cancellation);
            await identity.TryLockAsync(connection, cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
