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

    [Fact, Trait("Spec", "RFC 5365 6")]
    public void The_list_server_and_groups_take_messages_a_session_does_not()
    {
        var server = Options(factory);
        Assert.True(server.HasToken("Allow", "MESSAGE"));
        Assert.True(server.HasToken("Supported", "recipient-list-message"));
        var group = Options(skiers);
        Assert.True(group.HasToken("Allow", "MESSAGE"));
        Assert.False(group.HasToken("Supported", "recipient-list-message"));
        Assert.False(Options(Uri("sip:c0ffee@im.example.com")).HasToken("Allow", "MESSAGE"));

        static SipHeaders Options(SipUri uri) =>
            new Scene().Arrives(new OptionsRequest(Head("OPTIONS", alice, uri))).Single<Respond>().Headers;
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
