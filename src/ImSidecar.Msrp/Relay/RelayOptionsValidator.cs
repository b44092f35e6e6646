using System.Net;
using ImSidecar.Digest;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>Checks the section "Relay" at start; each complaint names its key.</summary>
public sealed class RelayOptionsValidator : IValidateOptions<RelayOptions>
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, RelayOptions options)
    {
        string?[] checks =
        [
            EndPoint(nameof(options.Listen), options.Listen, options.ListenEndPoint),
            EndPoint(nameof(options.TlsListen), options.TlsListen, options.TlsListenEndPoint),
            options is { AnnounceHost: null }
                && (IsAny(options.ListenEndPoint) || IsAny(options.TlsListenEndPoint))
                ? "Relay:AnnounceHost must be given when the relay listens on every address" : null,
            options.AnnounceHost is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown
                ? "Relay:AnnounceHost must be a host name or an address" : null,
            Within(nameof(options.AnnouncePort), options.AnnouncePort ?? 1, 1, ushort.MaxValue),
            Within(nameof(options.AnnounceTlsPort), options.AnnounceTlsPort ?? 1, 1, ushort.MaxValue),
            options.IsOn && options.DigestFile.Length == 0
                ? "Relay:DigestFile is not set; it names the file of those who may use the relay" : null,
            options.IsOn && options.DigestFile.Length > 0 && FileProblem.Of(options.DigestFile) is { } problem
                ? $"Relay:DigestFile {options.DigestFile} {problem}" : null,
            options.Realm.Length is 0 or > 255 || options.Realm.AsSpan().ContainsAny("\":\\\r\n")
                ? "Relay:Realm must be a realm, such as the domain of the users" : null,
            options.MinExpires <= options.DefaultExpires && options.DefaultExpires <= options.MaxExpires
                ? null : "Relay:DefaultExpires must lie between Relay:MinExpires and Relay:MaxExpires",
            Positive(nameof(options.MinExpires), options.MinExpires),
            Positive(nameof(options.MaxExpires), options.MaxExpires),
            Positive(nameof(options.NonceLifetime), options.NonceLifetime),
            Within(nameof(options.MaxFailures), options.MaxFailures, 1, 1_000_000),
            Within(nameof(options.MaxConnections), options.MaxConnections, 1, 1_000_000),
            Within(nameof(options.MaxSessions), options.MaxSessions, 1, 10_000_000),
            Within(nameof(options.MaxSessionsPerUser), options.MaxSessionsPerUser, 1, 1_000_000),
            Within(nameof(options.MaxSessionsPerAddress), options.MaxSessionsPerAddress, 1, 10_000_000),
            options.MaxBytesPerSecond == 0 ? null
                : Within(nameof(options.MaxBytesPerSecond), options.MaxBytesPerSecond, 1024, 1L << 40),
            Within(nameof(options.MaxHeaderBytes), options.MaxHeaderBytes, 1024, 1024 * 1024),
            Within(nameof(options.MaxMessageBytes), options.MaxMessageBytes, 1024, long.MaxValue / 4),
            Within(nameof(options.MaxBacklogBytes), options.MaxBacklogBytes, 64 * 1024, 1 << 30),
            Within(nameof(options.MaxPendingSends), options.MaxPendingSends, 16, 1 << 20),
            Positive(nameof(options.TransactionTimeout), options.TransactionTimeout),
            Positive(nameof(options.ConnectTimeout), options.ConnectTimeout),
            Positive(nameof(options.BindTimeout), options.BindTimeout),
            Positive(nameof(options.StallTimeout), options.StallTimeout),
            Positive(nameof(options.ReconnectWithin), options.ReconnectWithin),
            Positive(nameof(options.IdleTimeout), options.IdleTimeout),
            .. options.Peers.Select(each => IsPeer(each) ? null
                : $"Relay:Peers: \"{each}\" is neither a host name nor a fingerprint"),
            .. options.AllowedTargets.Select(each => TargetRule.TryParse(each, out _) ? null
                : $"Relay:AllowedTargets: \"{each}\" is neither HOST[:PORT] nor ADDRESS/BITS[:PORT]"),
        ];
        var failures = checks.OfType<string>().ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static string? EndPoint(string key, string text, IPEndPoint? endPoint) =>
        text.Length == 0 || endPoint is not null ? null : $"Relay:{key} must be ADDRESS:PORT";

    private static bool IsPeer(string text) => text.Split(' ') is [var algorithm, var hash]
        ? algorithm.StartsWith("SHA-", StringComparison.OrdinalIgnoreCase) && hash.Contains(':')
        : Uri.CheckHostName(text) == UriHostNameType.Dns;

    private static bool IsAny(IPEndPoint? endPoint) =>
        endPoint is not null && (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any));

    private static string? Within(string key, long value, long least, long most) =>
        value >= least && value <= most ? null : FormattableString.Invariant(
            $"{RelayOptions.Section}:{key} is {value}, must be {least} to {most}");

    private static string? Positive(string key, TimeSpan value) =>
        value > TimeSpan.Zero && value <= _longest ? null : FormattableString.Invariant(
            $"{RelayOptions.Section}:{key} is {value}, must be more than 0 and at most {_longest}");
}
