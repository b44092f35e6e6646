using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Stores;

/// <summary>Section Store of the configuration.</summary>
internal sealed record StoreOptions
{
    public const string Section = "Store";

    /// <summary>The SQLite file; it is made when it is not there, its folder is not.</summary>
    public string Path { get; init; } = "";

    /// <summary>"Host=...": PostgreSQL instead of the file; empty: the file.</summary>
    public string Connection { get; init; } = "";

    /// <summary>The schema of ours in a PostgreSQL database.</summary>
    public string Schema { get; init; } = "imsidecar";

    /// <summary>A file whose first line is the password of PostgreSQL, read for each connection; empty: none.</summary>
    public string PasswordFile { get; init; } = "";
}

internal sealed class StoreOptionsValidator : IValidateOptions<StoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        List<string> failures = options.Connection.Length > 0
            ? [.. PostgresComplaints(options)]
            : OfPath(options.Path) is { } complaint ? [complaint] : [];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> PostgresComplaints(StoreOptions options)
    {
        if (!StoreConnection.TryParse(options.Connection, "/", out var connection, out var error))
            yield return $"Store:Connection {error}";
        else if (connection.File is not null)
            yield return "Store:Connection must begin with Host= (PostgreSQL); Store:Path names the file of SQLite";

        foreach (var complaint in StoreConnection.Complaints(options.Schema, options.PasswordFile))
            yield return $"Store:{complaint}";
    }

    private static string? OfPath(string path)
    {
        if (string.IsNullOrEmpty(path))
            return "Store:Path is not set; it names the SQLite file of the conferences";

        if (path.Contains('\0', StringComparison.Ordinal) || !System.IO.Path.IsPathFullyQualified(path))
            return $"Store:Path is not an absolute path: {path}";

        return Directory.Exists(System.IO.Path.GetDirectoryName(path))
            ? null
            : $"Store:Path is {path}, and its folder does not exist";
    }
}
