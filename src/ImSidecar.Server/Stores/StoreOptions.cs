using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Stores;

/// <summary>Section Store of the configuration.</summary>
internal sealed record StoreOptions
{
    public const string Section = "Store";

    /// <summary>The SQLite file; it is made when it is not there, its folder is not.</summary>
    public string Path { get; init; } = "";
}

internal sealed class StoreOptionsValidator : IValidateOptions<StoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        if (string.IsNullOrEmpty(options.Path))
            return ValidateOptionsResult.Fail("Store:Path is not set; it names the SQLite file of the conferences");

        if (options.Path.Contains('\0', StringComparison.Ordinal) || !System.IO.Path.IsPathFullyQualified(options.Path))
            return ValidateOptionsResult.Fail($"Store:Path is not an absolute path: {options.Path}");

        if (!Directory.Exists(System.IO.Path.GetDirectoryName(options.Path)))
            return ValidateOptionsResult.Fail($"Store:Path is {options.Path}, and its folder does not exist");

        return ValidateOptionsResult.Success;
    }
}
