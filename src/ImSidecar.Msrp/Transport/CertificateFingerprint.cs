using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImSidecar.Msrp.Transport;

/// <summary>What a=fingerprint says of a certificate, RFC 8122 5; nothing weaker than SHA-256 counts.</summary>
internal static class CertificateFingerprint
{
    public static string Of(X509Certificate2 certificate) =>
        "SHA-256 " + Hex(certificate.GetCertHash(HashAlgorithmName.SHA256));

    /// <summary>True if one of them is that of the certificate.</summary>
    public static bool Matches(X509Certificate? certificate, ImmutableArray<string> fingerprints)
    {
        foreach (var fingerprint in fingerprints)
        {
            if (certificate is not null && fingerprint.Split(' ') is [var name, var hex]
                && AlgorithmOf(name) is { } algorithm
                && Hex(certificate.GetCertHash(algorithm)).Equals(hex, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static HashAlgorithmName? AlgorithmOf(string name) => name.ToUpperInvariant() switch
    {
        "SHA-256" => HashAlgorithmName.SHA256,
        "SHA-384" => HashAlgorithmName.SHA384,
        "SHA-512" => HashAlgorithmName.SHA512,
        _ => null,
    };

    private static string Hex(byte[] hash) => BitConverter.ToString(hash).Replace('-', ':');
}
