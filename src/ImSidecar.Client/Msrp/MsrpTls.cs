using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImSidecar.Client.Msrp;

/// <summary>MSRP over TLS with a certificate that its fingerprint in the description vouches for, RFC 8122.</summary>
public sealed record MsrpTls(X509Certificate2 Certificate)
{
    /// <summary>What we say of it; another value plays somebody who has not the certificate he says.</summary>
    public string Fingerprint { get; init; } = FingerprintOf(Certificate);

    /// <summary>One that nobody has signed, for this session.</summary>
    public static MsrpTls SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(30));

        // One whose key is only in memory is not taken by TLS everywhere.
        return new(X509CertificateLoader.LoadPkcs12(
            made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable));
    }

    public static string FingerprintOf(X509Certificate certificate) =>
        "SHA-256 " + BitConverter.ToString(certificate.GetCertHash(HashAlgorithmName.SHA256)).Replace('-', ':');
}
