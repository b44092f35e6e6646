using ImSidecar.EndToEnd.Tests.Harness;

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

}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TlsGatewayProfileUsers : ICollectionFixture<TlsGatewayProfile>
{
    public const string Name = "TLS gateway profile";
}
