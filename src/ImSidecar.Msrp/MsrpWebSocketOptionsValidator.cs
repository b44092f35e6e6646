using System.Buffers;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp;

/// <summary>Checks the section "MsrpWebSocket" at start; each complaint names its key.</summary>
public sealed class MsrpWebSocketOptionsValidator : IValidateOptions<MsrpWebSocketOptions>
{
    private static readonly SearchValues<char> _neverInAPath = SearchValues.Create("?#{}* ");
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, MsrpWebSocketOptions options)
    {
        string?[] checks =
        [
            options.Path.Length > 0 && (options.Path[0] != '/' || options.Path.AsSpan().ContainsAny(_neverInAPath))
                ? "MsrpWebSocket:Path must be an absolute path" : null,
            options is { Announce: not "", AnnounceUri: null }
                ? "MsrpWebSocket:Announce must be a URL of ws or wss" : null,
            .. options.AllowedOrigins.Where(each => !IsOrigin(each)).Select(
                each => $"MsrpWebSocket:AllowedOrigins has {each}, which is no origin as a browser sends it"),
            options.MaxConnections is >= 1 and <= 1_000_000 ? null
                : FormattableString.Invariant(
                    $"MsrpWebSocket:MaxConnections is {options.MaxConnections}, must be 1 to 1000000"),
            options.MaxMessageBytes is >= 4096 and <= 64 * 1024 * 1024 ? null
                : FormattableString.Invariant(
                    $"MsrpWebSocket:MaxMessageBytes is {options.MaxMessageBytes}, must be 4096 to 67108864"),
            Positive(nameof(options.KeepAliveInterval), options.KeepAliveInterval),
            Positive(nameof(options.KeepAliveTimeout), options.KeepAliveTimeout),
        ];
        var failures = checks.OfType<string>().ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    // RFC 6454 6.2: scheme, host and port, nothing behind.
    private static bool IsOrigin(string text) => text == "null"
        || Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0
            && uri.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase);

    private static string? Positive(string key, TimeSpan value) =>
        value > TimeSpan.Zero && value <= _longest ? null : FormattableString.Invariant(
            $"{MsrpWebSocketOptions.Section}:{key} is {value}, must be more than 0 and at most {_longest}");
}
