using Microsoft.Extensions.Logging;
using Npgsql;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// The database of PostgreSQL: a pool reads, another one is for who writes or listens. Each lost connection is made anew.
/// </summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    // By key or index, always: the plan of a statement may be older than all the rows. Without JIT: it takes what such
    // a plan is said to cost at its word, and compiles for 100 ms.
    private const string Planning =
        "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";

    // A node that is frozen in the middle of a transaction, or cut off, must not keep its locks from the others.
    private const string Patience = "-c idle_in_transaction_session_timeout=3000 -c tcp_user_timeout=10000";

    // Connections of the pool that are kept for who writes and who listens.
    private const int NotReading = 4;

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlDataSource _readers;
    private readonly SemaphoreSlim _reading;
    private readonly PostgresSchema _schema;
    private readonly ILogger _logger;

    public PostgresDatabase(PostgresPlace place, ILogger logger)
    {
        _schema = new(place.Schema);
        _logger = logger;
        Schema = place.Schema;
        var server = place.Server;
        var all = new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            SearchPath = place.Schema,
            Options = $"{Planning} {Patience} {server.Options}".TrimEnd(),
        };
        all.Remove("Target Session Attributes");
        Description = $"PostgreSQL {all.Host}:{all.Port}, database {all.Database}, schema {place.Schema}";
        _source = Build(all, place.PasswordFile);
        var readers = Math.Max(1, all.MaxPoolSize - NotReading);
        _reading = new(readers);
        // Who reads leaves nothing behind in the session: to reset it costs the server more than most of what is read.
        all.MaxPoolSize = readers;
        all.MinPoolSize = Math.Min(all.MinPoolSize, readers);
        all.NoResetOnClose = true;
        // Each source finds out for itself, and not at once, which of several servers writes: one is to know it for all.
        _readers = all.Host!.Contains(',', StringComparison.Ordinal) ? _source : Build(all, place.PasswordFile);
    }

    public string Description { get; }

    public string Schema { get; }

    /// <summary>For who waits on a thread of his own; the tables may not be there yet.</summary>
    public NpgsqlConnection Open() => _source.OpenConnection();

    /// <summary>For the writer; the tables are there when it is answered.</summary>
    public NpgsqlConnection OpenWriter()
    {
        var connection = _source.OpenConnection();
        try
        {
            _schema.Migrate(connection);
            Secure(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Reads once more when the connection turns out to be a dead one.</summary>
    public async ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object[] values)
    {
        try
        {
            try
            {
                return await ReadOnceAsync(sql, read, values, cancellation);
            }
            catch (Exception error) when (PostgresErrors.IsOfTheConnection(error))
            {
                ForgetConnections();
                return await ReadOnceAsync(sql, read, values, cancellation);
            }
        }
        catch (Exception error) when (PostgresErrors.IsOfTheStore(error))
        {
            throw PostgresErrors.Unavailable(error);
        }
    }

    /// <summary>For who listens or writes beside the writer.</summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation) =>
        await _source.OpenConnectionAsync(cancellation);

    /// <summary>Those that wait unused: one that died says that others may have.</summary>
    public void ForgetConnections()
    {
        _source.Clear();
        _readers.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _readers.DisposeAsync();
        await _source.DisposeAsync();
        _reading.Dispose();
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder all, string passwordFile)
    {
        var builder = new NpgsqlDataSourceBuilder(all.ConnectionString);
        if (passwordFile.Length > 0)
        {
            builder.UsePasswordProvider(
                _ => PasswordIn(passwordFile), (_, _) => ValueTask.FromResult(PasswordIn(passwordFile)));
        }

        // Of several servers the one that writes: the others follow it.
        return all.Host!.Contains(',', StringComparison.Ordinal)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    private async ValueTask<IReadOnlyList<T>> ReadOnceAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, object[] values, CancellationToken cancellation)
    {
        // Whoever waits for a connection waits here, without the pool's own limit: many conferences may load at once.
        await _reading.WaitAsync(cancellation);
        try
        {
            await using var command = _readers.CreateCommand(sql);
            foreach (var value in values)
                command.Parameters.Add(new() { Value = value });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellation))
                rows.Add(read(reader));
            return rows;
        }
        finally
        {
            _reading.Release();
        }
    }

    // An answer is durable or it is none: an operator may ask for more than "on", not for "off".
    private void Secure(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
            connection);
        command.ExecuteNonQuery();
        command.CommandText = "SELECT current_setting('fsync')";
        if (command.ExecuteScalar() is "off")
            Stores.Log.NotDurable(_logger);
    }

    private static string PasswordIn(string path) => File.ReadLines(path).FirstOrDefault() ?? "";
}
