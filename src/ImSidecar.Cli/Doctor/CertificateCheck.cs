using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ImSidecar.Cli.Doctor;

/// <summary>Certificates can be read, are in force, and say the name that peers are told.</summary>
internal static class CertificateCheck
{
    private const string Check = "certificates";
    private const int Soon = 14;
    private static readonly string[] _hosts = ["Msrp:AnnounceHost", "Relay:AnnounceHost"];

    public static IEnumerable<Finding> Run(Installation it, DateTimeOffset now)
    {
        if (it.Settings["MsrpTls:CertificateFile"].Length > 0)
            foreach (var finding in Of(it, "MsrpTls", NamesOf(it), now))
                yield return finding;
        if (it.Settings["Gateway:Listen"].Length > 0)
            foreach (var finding in Of(it, "Gateway", [], now))
                yield return finding;
    }

    private static IEnumerable<Finding> Of(
        Installation it, string section, IReadOnlyList<string> names, DateTimeOffset now)
    {
        var file = it.Settings[$"{section}:CertificateFile"];
        if (file.Length == 0)
        {
            yield return Finding.Fail(
                Check, $"{section}:CertificateFile is empty", "name a certificate there: without it there is no TLS");
            yield break;
        }

        var key = it.Settings[$"{section}:KeyFile"] is { Length: > 0 } own ? own : file;
        X509Certificate2? certificate = null;
        var failure = "";
        try
        {
            certificate = X509Certificate2.CreateFromPemFile(file, key);
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException or CryptographicException)
        {
            failure = bad.Message;
        }

        if (certificate is null)
        {
            yield return Finding.Fail(
                Check, $"{section}: {file} with {key} cannot be used: {failure}",
                "both must be PEM, fit each other, and be readable for this user and the group imsidecar");
            yield break;
        }

        using (certificate)
        {
            yield return InForce(section, file, certificate, now);
            foreach (var name in names.Where(name => !certificate.MatchesHostname(name)))
                yield return Finding.Warn(
                    Check, $"{file} is not for {name}, which peers are told to connect to",
                    "well for who goes by the fingerprint in SDP; others need a certificate with that subjectAltName");
        }
    }

    private static Finding InForce(string section, string file, X509Certificate2 certificate, DateTimeOffset now)
    {
        var days = (int)Math.Floor((certificate.NotAfter.ToUniversalTime() - now.UtcDateTime).TotalDays);
        var until = certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        const string renew = "put a new certificate into the same file; it is read by itself";
        if (certificate.NotBefore.ToUniversalTime() > now.UtcDateTime)
            return Finding.Fail(Check, $"{section}: {file} is not in force yet", "is the clock right? Else: " + renew);

        return days < 0 ? Finding.Fail(Check, $"{section}: {file} ended on {until}", renew)
            : days < Soon ? Finding.Warn(Check, $"{section}: {file} ends in {days} days, on {until}", renew)
            : Finding.Ok(Check, $"{section}: {file} is in force for {days} days, until {until}");
    }

    /// <summary>Names, not addresses: those stand in no certificate of an authority.</summary>
    private static List<string> NamesOf(Installation it) =>
    [
        .. _hosts.Select(key => it.Settings[key])
            .Where(host => host.Length > 0 && !IPAddress.TryParse(host.Trim('[', ']'), out _)).Distinct(),
    ];
}
