using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>IM 7.2.3: who may write to single participants, and what the switch and the peers are told of it.</summary>
public class PrivateMessagePolicyTests
{
    private const string Forbidden = "<oxe:allow-private-message>false</oxe:allow-private-message>";
    private const string Allowed = "<oxe:allow-private-message>true</oxe:allow-private-message>";

    private static GroupXml Saying(string action) => GroupOfThree with
    {
        Rules = GroupXml.OfMembers.Replace("<join-handling>", action + "<join-handling>", StringComparison.Ordinal),
    };

    private static Scene Opened(GroupXml group, bool byDefault)
    {
        var scene = new Scene(With(group) with { Operator = policy with { PrivateMessages = byDefault } });
        scene.Calls(alice);
        scene.Acknowledges(alice);
        return scene;
    }

    private static string Answer(Decision decision) => decision.Single<Respond>().Body.Text();

    [Theory]
    [InlineData(Forbidden, true, false)]
    [InlineData(Allowed, false, true)]
    [InlineData("", true, true)]
    [InlineData("", false, false)]
    [Trait("Spec", "IM 7.2.3")]
    public void The_document_decides_and_the_operator_where_it_says_nothing(string action, bool byDefault, bool may)
    {
        var scene = Opened(Saying(action), byDefault);

        var decision = scene.Calls(bob);

        Assert.Equal(may, decision.Single<OpenLeg>().Media.MayWritePrivately);
        Assert.Contains(
            may ? "a=chatroom:nickname private-messages\r\n" : "a=chatroom:nickname\r\n", Answer(decision),
            StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false), Trait("Spec", "IM 7.2.3")]
    public void In_an_ad_hoc_group_the_operator_decides(bool may)
    {
        var scene = Scene.Settled(With(policy with { PrivateMessages = may, Nicknames = false }), alice, bob, carol);

        Assert.All(scene.Effects.OfType<OpenLeg>(), leg => Assert.Equal(may, leg.Media.MayWritePrivately));
        Assert.Contains(
            may ? "a=chatroom:private-messages\r\n" : "a=chatroom\r\n", scene.InviteTo(bob).Request.Body.Text(),
            StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.3")]
    public void A_changed_document_reaches_the_switch_at_once()
    {
        var scene = Opened(Saying(Allowed), byDefault: false);
        scene.Calls(bob);
        scene.Acknowledges(bob);

        var legs = scene.Changes(Saying(Forbidden)).Effects.OfType<OpenLeg>().ToList();

        Assert.Equal(2, legs.Count);
        Assert.All(legs, leg => Assert.False(leg.Media.MayWritePrivately));
        Assert.False(scene.Participant(bob).Leg.Media.MayWritePrivately);
        Assert.Empty(scene.Changes(Saying(Forbidden)).Effects);
    }

    [Fact, Trait("Spec", "IM 7.2.3")]
    public void A_change_that_fails_does_not_bring_back_what_the_document_took_meanwhile()
    {
        var scene = Opened(Saying(Allowed), byDefault: false);
        scene.Arrives(Reinvite(scene.Participant(alice), Sdp(dave, setup: "passive")));
        scene.Changes(Saying(Forbidden));

        var leg = scene.Happens(new InviteCancelled("t-INVITE-alice")).Single<OpenLeg>();

        Assert.False(leg.Media.MayWritePrivately);
        Assert.False(scene.Participant(alice).Leg.Media.MayWritePrivately);
    }

    [Fact, Trait("Spec", "RFC 7701 8")]
    public void Who_says_that_he_understands_them_gets_them()
    {
        var scene = Opened(GroupOfThree, byDefault: true);
        var sdp = System.Text.Encoding.UTF8.GetString(Sdp(bob)) + "a=chatroom:Private-Messages x\r\n";

        var leg = scene.Arrives(InviteGroup(bob) with { Offer = System.Text.Encoding.UTF8.GetBytes(sdp) })
            .Single<OpenLeg>();

        Assert.True(leg.Media.TakesPrivateMessages);
        Assert.False(scene.Participant(alice).Leg.Media.TakesPrivateMessages);
    }

    [Fact, Trait("Spec", "IM 7.2.3")]
    public void The_switch_knows_what_means_all_and_who_is_who()
    {
        var scene = Opened(GroupOfThree, byDefault: true);

        var leg = scene.Calls(bob).Single<OpenLeg>();

        Assert.Equal([scene.Conference!.SessionIdentity.Text, skiers.Text], leg.Room);
        Assert.Equal((bob.Text, bob.Text, false), (leg.Entity, leg.Address, leg.IsAnonymous));
    }

    [Fact, Trait("Spec", "IM 7.2.3")]
    public void Between_two_there_is_no_room() =>
        Assert.All(Scene.Settled(alice, bob).Effects.OfType<OpenLeg>(), leg => Assert.Empty(leg.Room));
}
