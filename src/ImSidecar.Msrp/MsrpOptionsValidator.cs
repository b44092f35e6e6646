using System.Net;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp;

/// <summary>Checks the section "Msrp" at start; each complaint names its key.</summary>
public sealed class MsrpOptionsValidator : IValidateOptions<MsrpOptions>
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, MsrpOptions options)
    {
        string?[] checks =
        [
            options.ListenEndPoint is null ? "Msrp:Listen must be ADDRESS:PORT" : null,
            options is { AnnounceHost: null, ListenEndPoint: { } any } && IsAny(any.Address)
                ? "Msrp:AnnounceHost must be given when Msrp:Listen is every address" : null,
            options.AnnounceHost is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown
                ? "Msrp:AnnounceHost must be a host name or an address" : null,
            options is { TlsListen: not "", TlsListenEndPoint: null } ? "Msrp:TlsListen must be ADDRESS:PORT" : null,
            options is { AnnounceHost: null, ListenEndPoint: { } plain, TlsListenEndPoint: { } secure }
                && !plain.Address.Equals(secure.Address)
                ? "Msrp:AnnounceHost must be given when Msrp:TlsListen is another address than Msrp:Listen" : null,
            options is { AnnounceTlsPort: not null, TlsListen: "" }
                ? "Msrp:AnnounceTlsPort needs Msrp:TlsListen" : null,
            options.AnnounceTlsPort is not { } tlsPort ? null
                : Within("AnnounceTlsPort", tlsPort, 1, ushort.MaxValue),
            options.AnnouncePort is not { } port ? null : Within("AnnouncePort", port, 1, ushort.MaxValue),
            Within(nameof(options.MaxConnections), options.MaxConnections, 1, 1_000_000),
            Within(nameof(options.MaxHeaderBytes), options.MaxHeaderBytes, 1024, 1024 * 1024),
            Within(nameof(options.MaxCpimHeaderBytes), options.MaxCpimHeaderBytes, 256, 1024 * 1024),
            Within(nameof(options.MaxMessageBytes), options.MaxMessageBytes, 1024, long.MaxValue / 4),
            Within(nameof(options.MaxHeldBytes), options.MaxHeldBytes, 64 * 1024, long.MaxValue / 4),
            Within(nameof(options.MaxChunkBytes), options.MaxChunkBytes, 1024, 64 * 1024),
            Within(nameof(options.MaxOpenMessages), options.MaxOpenMessages, 1, 10_000),
            Within(nameof(options.MaxBacklogBytes), options.MaxBacklogBytes, 512 * 1024, 1 << 30),
            Within(nameof(options.MaxMissedMessages), options.MaxMissedMessages, 0, 1_000_000),
            ZeroOrMore(nameof(options.KeepAlive), options.KeepAlive),
            ZeroOrMore(nameof(options.TcpKeepAlive), options.TcpKeepAlive),
            ZeroOrMore(nameof(options.TcpUserTimeout), options.TcpUserTimeout),
            Positive(nameof(options.LagTolerance), options.LagTolerance),
            Positive(nameof(options.BindTimeout), options.BindTimeout),
            Positive(nameof(options.StallTimeout), options.StallTimeout),
            Positive(nameof(options.TransactionTimeout), options.TransactionTimeout),
            Positive(nameof(options.ConnectTimeout), options.ConnectTimeout),
            Positive(nameof(options.ChallengeTimeout), options.ChallengeTimeout),
        ];
        var failures = checks.OfType<string>().ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static string? Within(string key, long value, long least, long most) =>
        value >= least && value <= most ? null : FormattableString.Invariant(
            $"{MsrpOptions.Section}:{key} is {value}, must be {least} to {most}");

    private static string? ZeroOrMore(string key, TimeSpan value) =>
        value == TimeSpan.Zero || value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromHours(9)
            ? null : FormattableString.Invariant(
                $"{MsrpOptions.Section}:{key} is {value}, must be 0 or 1 second to 9 hours");

    private static string? Positive(string key, TimeSpan value) =>
        value > TimeSpan.Zero && value <= _longest ? null : FormattableString.Invariant(
            $"{MsrpOptions.Section}:{key} is {value}, must be more than 0 and at most {_longest}");
}
