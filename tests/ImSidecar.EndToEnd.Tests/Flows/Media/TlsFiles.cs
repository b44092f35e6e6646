using System.Security.Cryptography.X509Certificates;
using ImSidecar.Client.Msrp;

namespace ImSidecar.EndToEnd.Tests.Flows.Media;

/// <summary>The certificate of the sidecar, which nobody has signed, with its key in a file that it reads again.</summary>
internal static class TlsFiles
{
    private static readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-e2e-tls.");

    public static MsrpTls First { get; } = Write(MsrpTls.SelfSigned("im.example.com"));

    public static IReadOnlyList<string> Settings =>
    [
        "--Msrp:TlsListen=127.0.0.1:2857",
        $"--MsrpTls:CertificateFile={File}", $"--MsrpTls:KeyFile={File}",
        "--MsrpTls:ReloadInterval=00:00:00.2",
    ];

    private static string File => Path.Combine(_folder.FullName, "own.pem");

    /// <summary>Both at once: a certificate beside the key of another one is an error.</summary>
    public static MsrpTls Write(MsrpTls tls)
    {
        var key = tls.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        System.IO.File.WriteAllText(File + ".new", $"{tls.Certificate.ExportCertificatePem()}\n{key}\n");
        System.IO.File.Move(File + ".new", File, overwrite: true);
        return tls;
    }
}
