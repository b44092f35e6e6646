using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Msrp.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Tests.Transport;

/// <summary>RFC 4975 14: certificates in PEM files, which change while the process runs.</summary>
public sealed class TlsIdentityTests : IDisposable
{
    private readonly TestCertificates _files = new();

    private MsrpTlsOptions Files => new() { CertificateFile = _files.CertificateFile, KeyFile = _files.KeyFile };

    [Fact]
    public void Without_a_file_there_is_no_TLS()
    {
        using var identity = Identity(new());

        Assert.False(identity.IsConfigured);
        Assert.Equal("", identity.Fingerprint);
    }

    [Fact]
    public void The_fingerprint_is_that_of_the_certificate_in_the_file()
    {
        using var certificate = TestCertificates.New("im.example.com");
        _files.Write(certificate);

        using var identity = Identity(Files);

        var hash = BitConverter.ToString(certificate.GetCertHash(HashAlgorithmName.SHA256)).Replace('-', ':');
        Assert.Equal("SHA-256 " + hash, identity.Fingerprint);
        Assert.True(
            CertificateFingerprint.Matches(certificate, ["sha-512 00:11", "sha-256 " + hash.ToLowerInvariant()]));
    }

    [Fact]
    public void Who_leaves_TLS_to_another_process_tells_the_fingerprint_without_the_key()
    {
        using var certificate = TestCertificates.New("im.example.com");
        _files.Write(certificate);
        File.Delete(_files.KeyFile);
        var use = new MsrpTlsUse(NeedsKey: false);

        Assert.True(new MsrpTlsOptionsValidator(use).Validate(null, Files).Succeeded);
        Assert.True(new MsrpTlsOptionsValidator().Validate(null, Files).Failed);
        using var identity = new TlsIdentity(
            Options.Create(Files), TimeProvider.System, NullLogger<TlsIdentity>.Instance, use);

        Assert.Contains(
            BitConverter.ToString(certificate.GetCertHash(HashAlgorithmName.SHA256)).Replace('-', ':'),
            identity.Fingerprint, StringComparison.Ordinal);
        Assert.Equal(certificate.NotAfter.ToUniversalTime(), identity.CertificateEnds);
        Assert.False(identity.IsConfigured);
        Assert.Null(identity.Prepare(Files));
    }

    [Fact]
    public void Keys_of_the_usual_forms_are_read_beside_the_certificate_or_in_its_file()
    {
        using var rsa = RSA.Create(2048);
        using var signed = new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        using var curved = TestCertificates.New("ec");
        var parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

        AssertRead(signed, rsa.ExportRSAPrivateKeyPem());
        AssertRead(signed, rsa.ExportPkcs8PrivateKeyPem());
        AssertRead(curved, parameters + curved.GetECDsaPrivateKey()!.ExportECPrivateKeyPem());
    }

    [Fact]
    public void A_weak_hash_proves_nothing()
    {
        using var certificate = TestCertificates.New("im.example.com");
        var weak = BitConverter.ToString(certificate.GetCertHash()).Replace('-', ':');

        Assert.False(CertificateFingerprint.Matches(certificate, ["sha-1 " + weak]));
        Assert.False(CertificateFingerprint.Matches(certificate, ImmutableArray.Create("", "sha-256", "x y z")));
        Assert.False(CertificateFingerprint.Matches(null, ["sha-256 00"]));
    }

    [Fact]
    public void A_changed_file_is_taken_once_it_is_at_rest()
    {
        using var before = TestCertificates.New("before");
        using var after = TestCertificates.New("after");
        _files.Write(before);
        using var identity = Identity(Files);

        _files.Write(after);
        identity.Look();
        Assert.Equal(CertificateFingerprint.Of(before), identity.Fingerprint);
        identity.Look();

        Assert.Equal(CertificateFingerprint.Of(after), identity.Fingerprint);
    }

    [Fact]
    public void Who_runs_it_is_warned_once_before_the_certificate_ends()
    {
        using var certificate = TestCertificates.New("im.example.com");
        _files.Write(certificate);
        var clock = new ManualClock();
        clock.Advance(certificate.NotAfter.ToUniversalTime() - TimeSpan.FromDays(15) - clock.GetUtcNow().UtcDateTime);
        var log = new Warnings();
        using var identity = new TlsIdentity(Options.Create(Files), clock, log);
        identity.Look();
        Assert.Empty(log.Texts);

        clock.Advance(TimeSpan.FromDays(2));
        identity.Look();
        identity.Look();
        Assert.StartsWith("The TLS certificate ends at ", Assert.Single(log.Texts), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB")]
    [InlineData("no PEM")]
    public void Half_a_file_leaves_the_old_certificate(string half)
    {
        using var before = TestCertificates.New("before");
        using var after = TestCertificates.New("after");
        _files.Write(before);
        using var identity = Identity(Files);

        File.WriteAllText(_files.CertificateFile, half);
        Rest(identity);
        Assert.Equal(CertificateFingerprint.Of(before), identity.Fingerprint);

        File.Delete(_files.CertificateFile);
        Rest(identity);
        Assert.Equal(CertificateFingerprint.Of(before), identity.Fingerprint);

        _files.Write(after);
        Rest(identity);
        Assert.Equal(CertificateFingerprint.Of(after), identity.Fingerprint);
    }

    [Fact]
    public void A_key_of_another_certificate_leaves_the_old_one()
    {
        using var before = TestCertificates.New("before");
        using var after = TestCertificates.New("after");
        _files.Write(before);
        using var identity = Identity(Files);

        File.WriteAllText(_files.CertificateFile, after.ExportCertificatePem());
        Rest(identity);

        Assert.Equal(CertificateFingerprint.Of(before), identity.Fingerprint);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named_with_its_key()
    {
        using var certificate = TestCertificates.New("im.example.com");
        _files.Write(certificate);

        Assert.Contains("MsrpTls:CertificateFile: /none.pem", Complaint(Files with { CertificateFile = "/none.pem" }));
        Assert.Contains("MsrpTls:KeyFile: /none.pem", Complaint(Files with { KeyFile = "/none.pem" }));
        Assert.Contains(
            "MsrpTls:CertificateAuthorities", Complaint(Files with { CertificateAuthorities = "/none.pem" }));
        Assert.Contains("holds no private key", Complaint(Files with { KeyFile = "" }));
        Assert.Contains("fits the certificate", Complaint(Files with { KeyFile = _files.CertificateFile }));
        Assert.Contains("needs MsrpTls:CertificateFile", Complaint(new() { KeyFile = _files.KeyFile }));
        Assert.Throws<OptionsValidationException>(() => Identity(Files with { CertificateFile = "/none.pem" }));
    }

    [Fact]
    public void A_certificate_that_has_expired_or_is_not_valid_yet_is_refused_at_the_start()
    {
        foreach (var (from, to, reason) in new[] { (-3, -1, "has expired, on "), (1, 3, "is valid from ") })
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var certificate = new CertificateRequest("CN=im", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(to));
            _files.Write(certificate);

            Assert.StartsWith($"MsrpTls:CertificateFile: {_files.CertificateFile} {reason}", Complaint(Files));
        }
    }

    public void Dispose() => _files.Dispose();

    private void AssertRead(X509Certificate2 certificate, string key)
    {
        File.WriteAllText(_files.CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(_files.KeyFile, key);
        using var beside = Identity(Files);
        Assert.Equal(CertificateFingerprint.Of(certificate), beside.Fingerprint);

        File.AppendAllText(_files.CertificateFile, "\n" + key);
        using var inside = Identity(Files with { KeyFile = "" });
        Assert.Equal(CertificateFingerprint.Of(certificate), inside.Fingerprint);
    }

    private static string Complaint(MsrpTlsOptions options) =>
        new MsrpTlsOptionsValidator().Validate(null, options).FailureMessage ?? "";

    private static void Rest(TlsIdentity identity)
    {
        identity.Look();
        identity.Look();
    }

    private sealed class Warnings : ILogger<TlsIdentity>
    {
        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Texts.Add(formatter(state, exception));
    }

    private static TlsIdentity Identity(MsrpTlsOptions options) =>
        new(Options.Create(options), new ManualClock(), NullLogger<TlsIdentity>.Instance);
}
