using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>Checks the section "DeferredStore" at start; each complaint names its key.</summary>
internal sealed class DeferredStoreOptionsValidator : IValidateOptions<DeferredStoreOptions>
{
    private const int MaxKeys = 16;
    private const int LongestName = 63;

    public ValidateOptionsResult Validate(string? name, DeferredStoreOptions options)
    {
        List<string> failures = [];
        var isRead = DeferredConnection.TryParse(options.Connection, "/", out var connection, out var error);
        Check(nameof(options.Connection), isRead, error);
        Check(
            nameof(options.Connection),
            !isRead || options.Connection.Length == 0 || connection.File is not { } file
                || Directory.Exists(Path.GetDirectoryName(file)),
            "with Data Source= names a file in a folder that does not exist");
        Check(nameof(options.Schema), IsName(options.Schema), "must be letters a to z, digits and _, 63 at most");
        Check(
            nameof(options.PasswordFile), options.PasswordFile.Length == 0 || IsReadable(options.PasswordFile),
            "must be the absolute path of a file that can be read and holds a password");
        Check(nameof(options.KeyFiles), options.KeyFiles.Count <= MaxKeys, $"must be {MaxKeys} at most");
        for (var i = 0; i < options.KeyFiles.Count; i++)
        {
            Check(
                $"{nameof(options.KeyFiles)}:{i}", ContentKey.TryRead(options.KeyFiles[i], out _, out var reason),
                $"{options.KeyFiles[i]} {reason}");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{DeferredStoreOptions.Section}:{key} {rule}");
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName
        && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static bool IsReadable(string path)
    {
        try
        {
            return Path.IsPathFullyQualified(path) && File.ReadLines(path).FirstOrDefault() is { Length: > 0 };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
