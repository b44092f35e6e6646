using System.Data.Common;
using Npgsql;

namespace ImSidecar.Server.Stores;

/// <summary>What a key "Connection" names: a SQLite file or a PostgreSQL database.</summary>
internal sealed record StoreConnection
{
    private const string FileName = "deferred.db";
    private const int LongestName = 63;

    // An operator's own value goes before each of these.
    private const string Defaults =
        "Timeout=5;Command Timeout=10;Maximum Pool Size=16;Max Auto Prepare=60;Auto Prepare Min Usages=2;Keepalive=30;"
        + "Include Error Detail=false;GSS Encryption Mode=Disable;Host Recheck Seconds=2;Application Name=imsidecar;";

    private static readonly string[] _passwords = ["Password", "PSW", "PWD", "SSL Password", "SslPassword"];

    /// <summary>The SQLite file; null: PostgreSQL.</summary>
    public string? File { get; private init; }

    /// <summary>How PostgreSQL is reached, without a password.</summary>
    public NpgsqlConnectionStringBuilder? Server { get; private init; }

    /// <summary>What is wrong never repeats what was written: somebody may have put a password there.</summary>
    public static bool TryParse(string text, string storePath, out StoreConnection connection, out string error)
    {
        connection = null!;
        error = "";
        if (text.Length == 0)
        {
            connection = new() { File = Path.Combine(Path.GetDirectoryName(storePath) ?? "", FileName) };
            return true;
        }

        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = text };
            if (parts.TryGetValue("Data Source", out var file))
                return TryFile(parts, (string)file, out connection, out error);

            error = !parts.ContainsKey("Host") ? "must begin with Data Source= (SQLite) or Host= (PostgreSQL)"
                : _passwords.Any(parts.ContainsKey) ?
                    "must not hold a password; PasswordFile or Passfile names its file"
                : "";
            if (error.Length == 0)
                connection = new() { Server = new(Defaults + text) };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException)
        {
            error = "is no connection string";
        }

        return error.Length == 0;
    }

    /// <summary>What is wrong with the keys beside a connection to PostgreSQL; each begins with the key.</summary>
    public static IEnumerable<string> Complaints(string schema, string passwordFile)
    {
        if (!IsName(schema))
            yield return $"Schema must be letters a to z, digits and _, {LongestName} at most";
        if (passwordFile.Length > 0 && !IsReadable(passwordFile))
            yield return "PasswordFile must be the absolute path of a file that can be read and holds a password";
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName
        && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static bool IsReadable(string path)
    {
        try
        {
            return Path.IsPathFullyQualified(path)
                && System.IO.File.ReadLines(path).FirstOrDefault() is { Length: > 0 };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static bool TryFile(
        DbConnectionStringBuilder parts, string file, out StoreConnection connection, out string error)
    {
        connection = new() { File = file };
        error = parts.Count > 1 ? "with Data Source= takes nothing else"
            : file.Contains('\0', StringComparison.Ordinal) || !Path.IsPathFullyQualified(file)
                ? "with Data Source= must name an absolute path"
            : "";
        return error.Length == 0;
    }
}
