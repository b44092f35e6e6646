using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Digest;

namespace ImSidecar.Tls;

/// <summary>What TLS files hold, read together: certificate, chain and key fit each other.</summary>
/// <param name="Own">Null: we have no certificate, or need no key.</param>
/// <param name="Authorities">Null: those of the system.</param>
public sealed record TlsMaterial(SslStreamCertificateContext? Own, X509Certificate2Collection? Authorities)
{
    private const int MaxFileBytes = 1024 * 1024;

    /// <summary>Ours, with its key or without; null: we have none.</summary>
    public X509Certificate2? Certificate { get; private init; }

    /// <summary>False: a file is not there, not whole, or no PEM; the error names its key and path.</summary>
    public static bool TryLoad(TlsFiles files, out TlsMaterial material, out string error)
    {
        material = new(null, null);
        if (!TryReadAuthorities(files, out var authorities, out error)
            || !TryReadOwn(files, out var own, out var certificate, out error))
            return false;

        material = new(own, authorities) { Certificate = certificate };
        return true;
    }

    /// <summary>Null: now is within the days that our certificate is valid.</summary>
    public string? Expiry(TlsFiles files, DateTime now)
    {
        if (Certificate is not { } certificate)
            return null;

        var key = KeyOf(files, nameof(files.CertificateFile));
        var (begin, end) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        return now > end ? Complaint(key, files.CertificateFile, FormattableString.Invariant(
                $"has expired, on {end:yyyy-MM-dd HH:mm}Z: nobody would take it"))
            : now < begin ? Complaint(key, files.CertificateFile, FormattableString.Invariant(
                $"is valid from {begin:yyyy-MM-dd HH:mm}Z on, which is not yet"))
            : null;
    }

    /// <summary>Chains end at our authorities. Who shows a certificate does not say whom we ask for its issuer.</summary>
    public X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (Authorities is null)
            return policy;

        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(Authorities);
        return policy;
    }

    private static bool TryReadAuthorities(
        TlsFiles files, out X509Certificate2Collection? authorities, out string error)
    {
        (authorities, error) = (null, "");
        var path = files.CertificateAuthorities;
        if (path.Length == 0)
            return true;

        var key = KeyOf(files, nameof(files.CertificateAuthorities));
        return TryRead(key, path, out var pem, out error)
            && TryImport(key, path, pem, out authorities, out error);
    }

    private static bool TryReadOwn(
        TlsFiles files, out SslStreamCertificateContext? own, out X509Certificate2? certificate, out string error)
    {
        (own, certificate, error) = (null, null, "");
        if (files.CertificateFile.Length == 0)
            return true;

        var (path, keyPath) = (files.CertificateFile, files.KeyFile);
        var key = KeyOf(files, nameof(files.CertificateFile));
        if (!TryRead(key, path, out var pem, out error)
            || !TryImport(key, path, pem, out var chain, out error))
            return false;

        certificate = chain![0];
        if (!files.NeedsKey)
            return true;

        var keyPem = pem;
        if (keyPath.Length > 0 && !TryRead(KeyOf(files, nameof(files.KeyFile)), keyPath, out keyPem, out error))
            return false;

        try
        {
            using var leaf = X509Certificate2.CreateFromPem(pem, keyPem);
            chain.RemoveAt(0);

            // A key that came from PEM is not taken by every platform's TLS before it was in a PKCS #12.
            var usable = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);
            own = SslStreamCertificateContext.Create(usable, chain, offline: true);
            certificate = own.TargetCertificate;
            return true;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            error = keyPath.Length == 0
                ? Complaint(key, path, "holds no private key that fits its certificate")
                : Complaint(KeyOf(files, nameof(files.KeyFile)), keyPath, "is no private key that fits the certificate");
            return false;
        }
    }

    private static bool TryRead(string key, string path, out string pem, out string error)
    {
        (pem, error) = ("", "");
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
                error = Complaint(key, path, "is too large");
            else
                pem = File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            error = Complaint(key, path, FileProblem.Of(path, failure));
        }

        // One that is just being written ends within a block.
        if (error.Length == 0 && Count(pem, "-----BEGIN ") != Count(pem, "-----END "))
            error = Complaint(key, path, "is not whole");

        return error.Length == 0;
    }

    private static bool TryImport(
        string key, string path, string pem, out X509Certificate2Collection? certificates, out string error)
    {
        certificates = [];
        error = "";
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        if (certificates.Count == 0)
            error = Complaint(key, path, "holds no certificate");

        return error.Length == 0;
    }

    private static int Count(string text, string part) => text.AsSpan().Count(part);

    private static string KeyOf(TlsFiles files, string name) => $"{files.Section}:{name}";

    private static string Complaint(string key, string path, string complaint) => $"{key}: {path} {complaint}";
}
