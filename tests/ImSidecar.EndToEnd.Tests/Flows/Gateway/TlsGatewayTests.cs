using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Gateway;

/// <summary>Kamailio and the sidecar on two machines: the link over TCP, where both show who they are.</summary>
[Collection(TlsGatewayProfileUsers.Name)]
public sealed class TlsGatewayTests(TlsGatewayProfile profile) : Flow(profile)
{
    [Fact]
    public async Task A_session_goes_on_when_the_sidecar_comes_back_with_new_certificates()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        await Profile.KillSidecarAsync();
        profile.RenewCertificates();
        await Profile.StartSidecarAsync();

        Assert.Equal(200, (await Within(group[bob].ByeAsync())).Status);
        Assert.Equal(CallEndedBy.Peer, (await Within(group[alice].Ended)).By);
    }
}
