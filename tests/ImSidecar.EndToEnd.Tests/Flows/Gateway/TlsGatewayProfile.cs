using System.Security.Cryptography.X509Certificates;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Msrp.Tests.Transport;

namespace ImSidecar.EndToEnd.Tests.Flows.Gateway;

/// <summary>The demo profile with a sidecar that is reached over the network, by mutual TLS.</summary>
public sealed class TlsGatewayProfile : DemoProfile
{
    private readonly GatewayFiles _files;

    public TlsGatewayProfile()
        : this(new GatewayFiles())
    {
    }

    private TlsGatewayProfile(GatewayFiles files)
        : base(new ProfileOptions
        {
            Target = "dns:localhost:2880",
            Sidecar =
            [
                "--Gateway:Listen=127.0.0.1:2880", $"--Gateway:CertificateFile={files.Sidecar}",
                $"--Gateway:CertificateAuthorities={files.Authority}", "--Gateway:Names:0=kamailio.example.com",
            ],
            Kamailio =
            [
                "-A", $"IM_TLS_CA=\"{files.Authority}\"", "-A", $"IM_TLS_CERTIFICATE=\"{files.Kamailio}\"",
                "-A", $"IM_TLS_KEY=\"{files.Kamailio}\"",
            ],
        }) => _files = files;

    /// <summary>Both have their certificates from another authority from now on.</summary>
    internal void RenewCertificates() => _files.Write();

    private protected override async ValueTask AfterAsync()
    {
        _files.Dispose();
        await base.AfterAsync();
    }

    /// <summary>PEM files, certificate and key in one.</summary>
    private sealed class GatewayFiles : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imsidecar-gateway.");

        public GatewayFiles() => Write();

        public string Authority => Path.Combine(_folder.FullName, "authority.pem");

        public string Sidecar => Path.Combine(_folder.FullName, "sidecar.pem");

        public string Kamailio => Path.Combine(_folder.FullName, "kamailio.pem");

        public void Write()
        {
            using var authority = TestCertificates.New("authority.example.com", isAuthority: true);
            File.WriteAllText(Authority, authority.ExportCertificatePem());
            WriteOne(Sidecar, "localhost", authority);
            WriteOne(Kamailio, "kamailio.example.com", authority);
        }

        public void Dispose() => _folder.Delete(recursive: true);

        private static void WriteOne(string path, string name, X509Certificate2 authority)
        {
            using var one = TestCertificates.New(name, authority);
            File.WriteAllText(
                path, one.ExportCertificatePem() + "\n" + one.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
        }
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TlsGatewayProfileUsers : ICollectionFixture<TlsGatewayProfile>
{
    public const string Name = "TLS gateway profile";
}
