using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The file of an embedded store, owned by one process: one connection writes, many read.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const int BusySeconds = 5;
    private const int CacheKilobytes = 65536;
    private const int WouldBlock = 11;

    private readonly string _writing;
    private readonly FileStream _ownership;
    private readonly SqliteFormat _format;

    private SqliteDatabase(string path, SqliteFormat format, FileStream ownership)
    {
        Path = path;
        _ownership = ownership;
        _format = format;
        _writing = ConnectionString(path, SqliteOpenMode.ReadWrite);
        Writer = new(_writing);
        Readers = new(ConnectionString(path, SqliteOpenMode.ReadOnly));
    }

    /// <summary>Used by one thread at a time.</summary>
    public SqliteConnection Writer { get; }

    public SqliteReaders Readers { get; }

    public string Path { get; }

    public string LibraryVersion { get; private init; } = "";

    public NodeSecret NodeSecret { get; private set; } = null!;

    public static SqliteDatabase Open(string path) => Open(path, SqliteSchema.Format);

    public static SqliteDatabase Open(string path, SqliteFormat format)
    {
        var version = SqliteLibrary.Load();
        FileStream? ownership = null;
        SqliteDatabase? database = null;
        try
        {
            ownership = Lock(path);
            Create(path);
            database = new(path, format, ownership) { LibraryVersion = version };
            database.Prepare();
            return database;
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException
            or StoreUnavailableException or ArgumentException)
        {
            if (database is null)
                ownership?.Dispose();
            database?.Dispose();
            throw new StoreUnavailableException($"{format.Key}: cannot use {path}: {Reason(error)}", error)
            {
                IsOfAnother = error is StoreUnavailableException { IsOfAnother: true },
            };
        }
    }

    /// <summary>Beside the writer of saves, for what is written once in a blue moon.</summary>
    public SqliteConnection OpenSecondWriter()
    {
        var connection = new SqliteConnection(_writing);
        connection.Open();
        connection.Run($"PRAGMA busy_timeout = {BusySeconds * 1000}");
        connection.Run("PRAGMA synchronous = FULL");
        return connection;
    }

    public void Dispose()
    {
        // The writer closes last: it moves the write-ahead log into the file and removes it.
        Readers.Dispose();
        Writer.Dispose();
        _ownership.Dispose();
    }

    private static string ConnectionString(string path, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        }.ToString();

    /// <summary>Keeps a second process away from the file; the lock ends with the process.</summary>
    private static FileStream Lock(string path)
    {
        try
        {
            return OpenOrCreate(path + ".lock", FileShare.None);
        }
        catch (IOException error) when (error.HResult == WouldBlock)
        {
            throw new StoreUnavailableException("another process uses it", error);
        }
    }

    private static void Create(string path)
    {
        if (!File.Exists(path))
            OpenOrCreate(path, FileShare.ReadWrite).Dispose();
    }

    private static FileStream OpenOrCreate(string path, FileShare share)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = share,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, options);
    }

    private void Prepare()
    {
        Writer.Open();
        Writer.Run($"PRAGMA busy_timeout = {BusySeconds * 1000}");
        Writer.Run("PRAGMA foreign_keys = ON");
        _format.Refuse(Writer);
        if (Writer.Scalar<string>("PRAGMA journal_mode = WAL") != "wal")
            throw new StoreUnavailableException("its file system does not support a write-ahead log");

        Writer.Run("PRAGMA synchronous = FULL");
        Writer.Run("PRAGMA journal_size_limit = 67108864");
        // The writer does it when nobody waits, for each costs three fsyncs more.
        Writer.Run("PRAGMA wal_autocheckpoint = 0");
        Writer.Run($"PRAGMA cache_size = -{CacheKilobytes}");
        _format.Migrate(Writer);
        if (_format.HasNodeSecret)
            NodeSecret = new(ReadSecret());
    }

    private byte[] ReadSecret()
    {
        Writer.Prepared("INSERT INTO meta (name, value) VALUES ('node-secret', ?1) ON CONFLICT DO NOTHING", 1)
            .With(RandomNumberGenerator.GetBytes(NodeSecret.Length))
            .ExecuteNonQuery();
        return Writer.Scalar<byte[]>("SELECT value FROM meta WHERE name = 'node-secret'");
    }

    private static string Reason(Exception error) => error switch
    {
        SqliteException { SqliteErrorCode: 26 } => "it is not a database",
        SqliteException sqlite => SqliteErrors.Text(sqlite),
        _ => error.Message,
    };
}
