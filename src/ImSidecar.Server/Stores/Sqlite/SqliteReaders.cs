using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>
/// The connections that read a file, as many as read it at the same time, kept for the next. Not the pool of
/// Microsoft.Data.Sqlite: that of version 6 gives one connection to two threads when it grows under load.
/// </summary>
internal sealed class SqliteReaders(string connectionString) : IDisposable
{
    private readonly ConcurrentBag<SqliteReader> _idle = [];
    private volatile bool _isClosed;

    /// <summary>Reads with a connection nobody else has meanwhile.</summary>
    public T Read<T>(Func<SqliteReader, T> read)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (!_idle.TryTake(out var reader))
            reader = Open();
        try
        {
            var result = read(reader);
            _idle.Add(reader);
            if (_isClosed)
                CloseIdle();
            return result;
        }
        catch
        {
            // One whose statement has failed is not used again.
            reader.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _isClosed = true;
        CloseIdle();
    }

    private void CloseIdle()
    {
        while (_idle.TryTake(out var reader))
            reader.Dispose();
    }

    private SqliteReader Open()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            return new(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
