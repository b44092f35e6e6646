using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>RFC 3261 10 and 22: a handset registers with the demo's Kamailio.</summary>
public class RegistrationTests(DemoProfile profile) : Flow(profile)
{
    [Theory]
    [InlineData(SipProtocol.Udp)]
    [InlineData(SipProtocol.Tcp)]
    public async Task A_handset_registers_with_digest(SipProtocol transport)
    {
        var alice = Stranger("alice", transport);

        var response = await Within(alice.RegisterAsync());

        Assert.Equal(200, response.Status);
        Assert.Contains(alice.Trace, record => record.Message.Status == 401);
        Assert.Contains(alice.ContactUri, response["Contact"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_does_not_register()
    {
        var alice = Stranger("alice", options: new() { User = "alice", Password = "wrong" });

        Assert.Equal(401, (await Within(alice.RegisterAsync())).Status);
    }
}
