using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>RFC 3261 11: what we say of ourselves.</summary>
public class CapabilitiesTests
{
    [Fact, Trait("Spec", "RFC 3261 11.2")]
    public void Options_tells_what_we_support()
    {
        var response = new Scene().Arrives(new OptionsRequest(Head("OPTIONS", alice, factory))).Single<Respond>();

        Assert.Equal(SipStatus.Ok, response.Status);
        Assert.True(response.Headers.HasToken("Allow", "SUBSCRIBE"));
        Assert.True(response.Headers.HasToken("Supported", "recipient-list-invite"));
        Assert.True(response.Headers.HasToken("Accept", "application/sdp"));
        Assert.True(response.Headers.HasToken("Accept-Encoding", "deflate"));
        Assert.Equal("conference", response.Headers.First("Allow-Events"));
    }

    [Fact, Trait("Spec", "RFC 3261 8.2.1")]
    public void A_method_we_do_not_know_gets_405_with_those_we_do()
    {
        var response = Scene.Settled(alice, bob).Arrives(new UnsupportedRequest(Head("PUBLISH", alice, factory)))
            .Single<Respond>();

        Assert.Equal(
            (SipStatus.MethodNotAllowed, Capabilities.Methods), (response.Status, response.Headers.First("Allow")));
        Assert.Contains("PUBLISH", response.Warning, StringComparison.Ordinal);
    }
}
