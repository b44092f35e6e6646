using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>Checks the section "DeferredStore" at start; each complaint names its key.</summary>
internal sealed class DeferredStoreOptionsValidator : IValidateOptions<DeferredStoreOptions>
{
    private const int MaxKeys = 16;

    public ValidateOptionsResult Validate(string? name, DeferredStoreOptions options)
    {
        List<string> failures = [];
        var isRead = StoreConnection.TryParse(options.Connection, "/", out var connection, out var error);
        Check(nameof(options.Connection), isRead, error);
        Check(
            nameof(options.Connection),
            !isRead || options.Connection.Length == 0 || connection.File is not { } file
                || Directory.Exists(Path.GetDirectoryName(file)),
            "with Data Source= names a file in a folder that does not exist");
        failures.AddRange(StoreConnection.Complaints(options.Schema, options.PasswordFile)
            .Select(complaint => $"{DeferredStoreOptions.Section}:{complaint}"));
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
}
