using System.Net;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Msrp.Tests.Transport;

namespace ImSidecar.EndToEnd.Tests.Flows.Gateway;

/// <summary>PEM files of both sides of the gateway, certificate and key in one.</summary>
internal sealed class GatewayFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-gateway.");

    public GatewayFiles() => Write();

    public string Authority => PathOf("authority");

    public string Sidecar => PathOf("sidecar");

    public string Kamailio => PathOf("kamailio");

    /// <summary>All anew, and more sidecars by their addresses.</summary>
    public void Write(params IEnumerable<(string Name, IPAddress Address)> sidecars)
    {
        using var authority = TestCertificates.New("authority.example.com", isAuthority: true);
        File.WriteAllText(Authority, authority.ExportCertificatePem());
        WriteOne(Sidecar, "localhost", authority);
        WriteOne(Kamailio, "kamailio.example.com", authority);
        foreach (var (name, address) in sidecars)
            WriteOne(PathOf(name), name, authority, address);
    }

    public string PathOf(string name) => Path.Combine(_folder.FullName, name + ".pem");

    public void Dispose() => _folder.Delete(recursive: true);

    private static void WriteOne(string path, string name, X509Certificate2 authority, IPAddress? address = null)
    {
        using var one = TestCertificates.New(name, authority, address: address);
        File.WriteAllText(
            path, one.ExportCertificatePem() + "\n" + one.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
