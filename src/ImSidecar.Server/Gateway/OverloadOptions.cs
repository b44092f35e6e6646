using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Gateway;

/// <summary>Section "Overload": how much is taken on at once. In work is what has arrived and is not yet saved.</summary>
internal sealed record OverloadOptions
{
    public const string Section = "Overload";

    /// <summary>Requests in work beyond which those outside a dialog are refused.</summary>
    public int MaxNewRequests { get; init; } = 4096;

    /// <summary>How long the oldest request may be in work before those outside a dialog are refused.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Requests in work beyond which all are refused.</summary>
    public int MaxRequests { get; init; } = 16384;

    /// <summary>Events in work, requests and all others, beyond which no more are read from the link.</summary>
    public int MaxEvents { get; init; } = 32768;
}

/// <summary>Checks the section "Overload" at start; each complaint names its key.</summary>
internal sealed class OverloadOptionsValidator : IValidateOptions<OverloadOptions>
{
    private const int Most = 1_000_000;

    public ValidateOptionsResult Validate(string? name, OverloadOptions options)
    {
        List<string> failures = [];
        Check(nameof(options.MaxNewRequests), options.MaxNewRequests is >= 1 and <= Most, "must be 1 to 1000000");
        Check(nameof(options.MaxDelay), options.MaxDelay > TimeSpan.Zero, "must be more than 0");
        Check(
            nameof(options.MaxRequests), options.MaxRequests >= options.MaxNewRequests && options.MaxRequests <= Most,
            "must be at least MaxNewRequests and at most 1000000");
        Check(
            nameof(options.MaxEvents), options.MaxEvents > options.MaxRequests && options.MaxEvents <= Most,
            "must be more than MaxRequests and at most 1000000");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{OverloadOptions.Section}:{key} {rule}");
        }
    }
}
