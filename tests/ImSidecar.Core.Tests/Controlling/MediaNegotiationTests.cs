using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>RFC 4975 8 and RFC 6135: who connects, and which types.</summary>
public class MediaNegotiationTests
{
    [Theory]
    [InlineData("actpass", false, "passive")]
    [InlineData("active", false, "passive")]
    [InlineData("passive", true, "active")]
    [InlineData(null, false, "passive")]
    [Trait("Spec", "RFC 6135 4.2.2")]
    public void To_an_offer_we_are_passive_unless_the_peer_is(string? setup, bool connects, string answered)
    {
        var media = MediaNegotiation.Answer(
            MediaNegotiation.NewLeg(NoFacts, "p1"), Sdp(alice, setup: setup), NoFacts, isGroup: true)!;

        Assert.Equal(connects, media.Connects);
        Assert.True(SessionDescription.TryParse(media.LocalDescription.Span, out var answer));
        Assert.Equal(answered, answer.Media[0].Attribute("setup"));
    }

    [Theory]
    [InlineData("active", false)]
    [InlineData("passive", true)]
    [InlineData(null, true)]
    [Trait("Spec", "RFC 4975 8.1")]
    public void With_our_offer_we_connect_to_a_peer_that_is_passive_or_says_nothing(string? setup, bool connects)
    {
        var media = MediaNegotiation.Accept(MediaNegotiation.NewLeg(NoFacts, "p2"), Sdp(bob, setup: setup), NoFacts)!;

        Assert.Equal(connects, media.Connects);
    }

    [Fact, Trait("Spec", "RFC 4975 8.2")]
    public void The_path_of_the_peer_keeps_its_relays_in_order()
    {
        var offer = System.Text.Encoding.UTF8.GetString(Sdp(alice, setup: "active"))
            .Replace("a=path:", "a=path:msrp://relay.example:2855/r1;tcp ", StringComparison.Ordinal);

        var media = MediaNegotiation.Accept(
            MediaNegotiation.NewLeg(NoFacts, "p2"), System.Text.Encoding.UTF8.GetBytes(offer), NoFacts)!;

        Assert.Equal(["msrp://relay.example:2855/r1;tcp", "msrp://192.0.2.10:7394/leg-of-alice;tcp"], media.RemotePath);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-2a")]
    public void Types_without_anything_in_common_with_the_other_side_are_not_narrowed_to_nothing()
    {
        var leg = MediaNegotiation.NewLeg(NoFacts, "p1");
        var other = leg with { AcceptTypes = ["text/html"], AcceptWrappedTypes = ["image/png"] };

        var media = MediaNegotiation.Answer(leg, Sdp(alice), NoFacts, isGroup: true, other)!;

        Assert.True(SessionDescription.TryParse(media.LocalDescription.Span, out var answer));
        Assert.Equal("message/cpim", answer.Media[0].Attribute("accept-types"));
    }

    [Fact, Trait("Spec", "RFC 7701 8")]
    public void Only_a_group_is_a_chatroom()
    {
        var leg = MediaNegotiation.NewLeg(NoFacts, "p1");

        foreach (var isGroup in new[] { true, false })
        {
            var description = MediaNegotiation.Answer(leg, Sdp(alice), NoFacts, isGroup)!.LocalDescription;
            Assert.Equal(isGroup, description.Text().Contains("a=chatroom", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("text/plain", "message/cpim", true, "text/plain")]
    [InlineData("text/plain text/html", "message/cpim", true, "text/plain")]
    [InlineData("message/cpim text/plain", "message/cpim", true, "message/cpim")]
    [InlineData("text/plain", "message/cpim", false, null)]
    [InlineData("text/html", "message/cpim", true, null)]
    [InlineData("text/html text/plain", "message/cpim text/html", true, "text/html")]
    [Trait("Spec", "IM 7.2.1.2/6")]
    public void Who_knows_text_only_comes_in_unless_the_operator_forbids_it(
        string offered, string ours, bool isAllowed, string? answered)
    {
        var facts = With(policy with { AcceptTypes = [.. ours.Split(' ')], PlainTextClients = isAllowed });
        var leg = MediaNegotiation.NewLeg(facts, "p1");

        var media = MediaNegotiation.Answer(leg, Sdp(alice, types: offered), facts, isGroup: true);

        Assert.Equal(answered is null, media is null);
        if (media is null)
            return;

        Assert.True(SessionDescription.TryParse(media.LocalDescription.Span, out var answer));
        Assert.Equal(answered, answer.Media[0].Attribute("accept-types"));
    }

    [Theory]
    [InlineData("message/cpim", true, "message/cpim text/plain")]
    [InlineData("message/cpim", false, "message/cpim")]
    [InlineData("message/cpim text/plain", true, "message/cpim text/plain")]
    [InlineData("*", true, "*")]
    public void An_offer_of_ours_names_text_last_for_who_knows_nothing_else(string ours, bool isAllowed, string offered)
    {
        var facts = With(policy with { AcceptTypes = [.. ours.Split(' ')], PlainTextClients = isAllowed });

        var media = MediaNegotiation.Offer(MediaNegotiation.NewLeg(facts, "p1"), facts, ["*"], isGroup: true);

        Assert.True(SessionDescription.TryParse(media.LocalDescription.Span, out var offer));
        Assert.Equal(offered, offer.Media[0].Attribute("accept-types"));
    }
}
