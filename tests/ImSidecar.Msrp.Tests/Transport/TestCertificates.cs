using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImSidecar.Msrp.Tests.Transport;

/// <summary>Certificates in PEM files of a folder that goes away with the test.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-tls-");

    public string CertificateFile => Path.Combine(_folder.FullName, "cert.pem");

    public string KeyFile => Path.Combine(_folder.FullName, "key.pem");

    /// <summary>For 127.0.0.1 or another address, signed by itself, or by an authority.</summary>
    public static X509Certificate2 New(
        string name, X509Certificate2? authority = null, bool isAuthority = false, System.Net.IPAddress? address = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address ?? System.Net.IPAddress.Loopback);
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var (begin, end) = (DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddDays(2));
        if (authority is null)
            return Usable(request.CreateSelfSigned(begin.AddDays(-1), end.AddDays(1)));

        using var signed = request.Create(
            authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return Usable(signed.CopyWithPrivateKey(key));
    }

    /// <summary>Into the two files, and in an order in which they do not fit each other for a moment.</summary>
    public void Write(X509Certificate2 certificate)
    {
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    public string WriteAuthority(X509Certificate2 authority)
    {
        var path = Path.Combine(_folder.FullName, "authority.pem");
        File.WriteAllText(path, authority.ExportCertificatePem());
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // One whose key is only in memory is not taken by TLS everywhere.
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(
                certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
