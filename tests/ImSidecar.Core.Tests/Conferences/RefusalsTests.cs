using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>IM 11.1 and IM 11.2.</summary>
public class RefusalsTests
{
    private static Respond InviteTo(string uri) =>
        new Scene().Arrives(Invite(alice, bob).WithHead(head => head with { Uri = Uri(uri) })).Single<Respond>();

    [Fact, Trait("Spec", "IM 11.1")]
    public void A_factory_that_does_not_exist_gets_404()
    {
        var response = InviteTo("sip:no-factory@im.example.com");

        Assert.Equal(
            (SipStatus.NotFound, "Conference-factory URI does not exist"), (response.Status, response.Warning));
    }

    [Theory, InlineData("sip:skiers@groups.example.com"), InlineData("sip:conf-factory@elsewhere.example")]
    [Trait("Spec", "IM 11.2")]
    public void A_conference_that_does_not_exist_gets_404(string uri)
    {
        var response = InviteTo(uri);

        Assert.Equal((SipStatus.NotFound, "Conference URI does not exist"), (response.Status, response.Warning));
    }
}
