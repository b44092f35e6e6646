using ImSidecar.Msrp.Transport;
using ImSidecar.Tls;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp;

/// <summary>Checks the section "MsrpTls" at start, files included; each complaint names its key.</summary>
public sealed class MsrpTlsOptionsValidator(MsrpTlsUse? use = null) : IValidateOptions<MsrpTlsOptions>
{
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, MsrpTlsOptions options)
    {
        var files = options.FilesFor(use);
        string?[] checks =
        [
            options is { CertificateFile: "", KeyFile: not "" }
                ? "MsrpTls:KeyFile needs MsrpTls:CertificateFile" : null,
            Enum.IsDefined(options.ClientCertificates)
                ? null : "MsrpTls:ClientCertificates must be None, Request or Require",
            Positive(nameof(options.HandshakeTimeout), options.HandshakeTimeout),
            Positive(nameof(options.ReloadInterval), options.ReloadInterval),
            TlsMaterial.TryLoad(files, out var material, out var error)
                ? material.Expiry(files, DateTime.UtcNow) : error,
        ];
        var failures = checks.OfType<string>().ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static string? Positive(string key, TimeSpan value) =>
        value > TimeSpan.Zero && value <= _longest ? null : FormattableString.Invariant(
            $"{MsrpTlsOptions.Section}:{key} is {value}, must be more than 0 and at most {_longest}");
}
