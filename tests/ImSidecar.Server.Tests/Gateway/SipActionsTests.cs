using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Stores;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>A request of ours is marked: done with, or to come up once for who is called.</summary>
public class SipActionsTests
{
    [Theory]
    [InlineData("INVITE", "sip:bob@example.com", true)]
    [InlineData("MESSAGE", "sip:bob@EXAMPLE.com.", true)]
    [InlineData("REFER", "tel:+15551234", true)]
    [InlineData("SUBSCRIBE", "sip:bob@example.com", false)]
    [InlineData("INVITE", "sip:bob@example.net", false)]
    public void Who_is_called_has_his_half_run_if_he_is_served(string method, string uri, bool comesUpAgain)
    {
        var action = Originate(method, uri, "", "example.com");

        Assert.Equal((comesUpAgain, !comesUpAgain), (action.Terminating, action.DoneMark));
    }

    [Fact]
    public void What_he_has_asked_for_himself_asks_nobody()
    {
        var action = Originate(isAboveRules: true, "INVITE", "sip:bob@example.com", "", "example.com");

        Assert.Equal((false, true), (action.Terminating, action.DoneMark));
    }

    [Fact]
    public void Within_a_dialog_nothing_is_marked()
    {
        var action = Originate("INVITE", "sip:bob@example.com", "there", "example.com");

        Assert.Equal((false, false), (action.Terminating, action.DoneMark));
    }

    [Theory]
    [InlineData("sip:bob@example.com")]
    [InlineData("tel:+15551234")]
    public void Nothing_comes_up_again_when_nobody_is_served(string uri)
    {
        var action = Originate("INVITE", uri, "");

        Assert.Equal((false, true), (action.Terminating, action.DoneMark));
    }

    private static Originate Originate(string method, string uri, string toTag, params string[] served) =>
        Originate(isAboveRules: false, method, uri, toTag, served);

    private static Originate Originate(
        bool isAboveRules, string method, string uri, string toTag, params string[] served)
    {
        var sample = Sample.Effects.OfType<SendRequest>().First();
        Assert.True(SipUri.TryParse(uri, out var target));
        var policy = new OperatorPolicy
        {
            ConferenceFactory = target,
            ReleaseVersion = "",
            MsrpHost = "",
            MsrpPort = 1,
            Participating = new() { Domains = [.. served] },
        };
        return new SipActions(policy, new GatewayOptions()).Of(
            sample.Key,
            sample.Request with { Method = method, Uri = target, ToTag = toTag, IsAboveRules = isAboveRules }).Originate;
    }
}
