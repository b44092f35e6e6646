using System.Security.Cryptography.X509Certificates;
using ImSidecar.Client.Msrp;

namespace ImSidecar.EndToEnd.Tests.Flows.Media;

/// <summary>The certificate of the sidecar, which nobody has signed, in files that it reads again.</summary>
internal static class TlsFiles
{
    private static readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-e2e-tls.");

    public static MsrpTls First { get; } = Write(MsrpTls.SelfSigned("im.example.com"));

    public static IReadOnlyList<string> Settings =>
    [
        "--Msrp:TlsListen=127.0.0.1:2857",
        $"--MsrpTls:CertificateFile={CertificateFile}",
        $"--MsrpTls:KeyFile={KeyFile}",
        "--MsrpTls:ReloadInterval=00:00:00.2",
    ];

    private static string CertificateFile => Path.Combine(_folder.FullName, "cert.pem");

    private static string KeyFile => Path.Combine(_folder.FullName, "key.pem");

    public static MsrpTls Write(MsrpTls tls)
    {
        File.WriteAllText(CertificateFile, tls.Certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, tls.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return tls;
    }
}
