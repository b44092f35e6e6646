using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Deferred.Sqlite;

/// <summary>Gives empty pages of the file back to the disk, a few at a time, when there are many of them.</summary>
internal sealed class SqliteShrinking(SqliteConnection connection) : IDisposable
{
    private const int PagesAtATime = 512;
    private const int PagesKept = 4096;
    private const int ShareKept = 4;

    private readonly SqliteStatement _empty = new(connection, "PRAGMA freelist_count");
    private readonly SqliteStatement _pages = new(connection, "PRAGMA page_count");
    private readonly SqliteCommand _vacuum = connection.Prepared($"PRAGMA incremental_vacuum({PagesAtATime})");

    /// <summary>Never throws: what it could not do it does another time.</summary>
    public void Step()
    {
        try
        {
            var empty = Read(_empty);
            if (empty > PagesKept && empty > Read(_pages) / ShareKept)
                Vacuum();
        }
        catch (SqliteException)
        {
        }
    }

    public void Dispose()
    {
        _empty.Dispose();
        _pages.Dispose();
        _vacuum.Dispose();
    }

    private static long Read(SqliteStatement statement)
    {
        Span<long> row = stackalloc long[1];
        statement.TryRead(row);
        return row[0];
    }

    // A row for each page: who does not read them all leaves pages.
    private void Vacuum()
    {
        using var reader = _vacuum.ExecuteReader();
        while (reader.Read())
        {
        }
    }
}
