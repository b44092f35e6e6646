using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Admin;

/// <summary>Section "Admin": where imsidecarctl asks.</summary>
internal sealed record AdminOptions
{
    public const string Section = "Admin";

    /// <summary>Unix socket; whoever may write to it may ask. Mode 0660.</summary>
    public string Socket { get; init; } = "/run/imsidecar/admin.sock";
}

/// <summary>Checks the section "Admin" at start; each complaint names its key.</summary>
internal sealed class AdminOptionsValidator : IValidateOptions<AdminOptions>
{
    // sun_path of a Unix socket address holds 108 bytes with its end.
    private const int MaxSocketPath = 107;

    public ValidateOptionsResult Validate(string? name, AdminOptions options) =>
        Path.IsPathRooted(options.Socket) && options.Socket.Length <= MaxSocketPath
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{AdminOptions.Section}:{nameof(options.Socket)} must be an absolute path of at most 107 characters");
}
