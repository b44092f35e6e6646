using System.Runtime.InteropServices;
using SQLitePCL;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>Makes the SQLite packages use the distribution's library instead of one of their own.</summary>
internal static class SqliteLibrary
{
    private const string File = "libsqlite3.so.0";

    static SqliteLibrary()
    {
        NativeLibrary.SetDllImportResolver(
            typeof(SQLite3Provider_e_sqlite3).Assembly,
            (name, _, _) => name == "e_sqlite3" ? NativeLibrary.Load(File) : 0);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
    }

    /// <summary>Has to come before the first connection; returns the version of the library.</summary>
    public static string Load()
    {
        try
        {
            return raw.sqlite3_libversion().utf8_to_string();
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException)
        {
            throw new StoreUnavailableException($"{File} cannot be loaded; the package libsqlite3-0 has it", error);
        }
    }
}
