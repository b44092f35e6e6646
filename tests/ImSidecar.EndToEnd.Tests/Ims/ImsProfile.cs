using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>The demo profile with a second Kamailio of the core before it: what a P-CSCF is.</summary>
public sealed class ImsProfile() : DemoProfile(new ProfileOptions
{
    Sidecar =
    [
        "--Controlling:Ioi=im.example.com", "--Controlling:HideIdentity=true", "--Controlling:LenientUri=true",
    ],
    Kamailio =
    [
        "-A", "CORE_PEER=127.0.0.1:5082", "-A", "CORE_PEER_DOMAIN=" + OtherNetwork, "-A", "IM_HIDE_IDENTITY",
        "-A", "IM_LENIENT_URI",
    ],
})
{
    /// <summary>A domain that is reached through the proxy; its users are on 127.0.0.1:5091.</summary>
    internal const string OtherNetwork = "im.example.net";

    internal const int ProxyPort = 5082;
    internal const int OtherNetworkPort = 5091;

    private readonly string _folder = Directory.CreateTempSubdirectory("imsidecar-edge.").FullName;
    private OwnedProcess? _proxy;

    /// <summary>Starts the proxy if it is not there yet.</summary>
    internal void StartProxy() => _proxy ??= OwnedProcess.Start(
        "proxy", _folder, "kamailio", "-DD", "-E", "-m", "64", "-M", "8", "-Y", _folder,
        "-f", Path.Combine(Built.Root, "tests", "ImSidecar.EndToEnd.Tests", "Ims", "edge-proxy.cfg"));

    private protected override async ValueTask AfterAsync()
    {
        if (_proxy is not null)
        {
            Assert.Empty(_proxy.Failures());
            await _proxy.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
        await base.AfterAsync();
    }
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ImsProfileUsers : ICollectionFixture<ImsProfile>
{
    public const string Name = "IMS profile";
}
