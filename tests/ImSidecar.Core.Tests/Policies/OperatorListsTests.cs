using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>Who may start and who may be invited by the operator's lists, IM 7.2.2.3.</summary>
public class OperatorListsTests
{
    private static UserList List(params string[] entries) => UserList.TryParse(entries, out var list) ? list : null!;

    [Fact, Trait("Spec", "IM 7.2.2.3"), Trait("Spec", "IM 7.2.1.2/2")]
    public void Only_who_is_on_the_list_starts_a_session()
    {
        var facts = With(policy with { MayStart = List("sip:alice@example.com") });

        var refused = new Scene(facts).Invites(bob, alice).Single<Respond>();
        new Scene(facts).Invites(alice, bob).Single<SendRequest>();

        Assert.Equal((SipStatus.Forbidden, "User may not start a session"), (refused.Status, refused.Warning));
        Assert.EndsWith("MayStart", refused.Explanation, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/1-a")]
    public void Who_may_not_start_a_session_does_not_add_to_one()
    {
        var scene = Scene.Settled(With(policy with { MayStart = List("sip:alice@example.com") }), alice, bob, carol);

        Assert.Equal(SipStatus.Forbidden, scene.Refers(bob, dave).Single<Respond>().Status);
        Assert.Equal(SipStatus.Accepted, scene.Refers(alice, dave).Effects.OfType<Respond>().Single().Status);
    }

    [Fact, Trait("Spec", "IM 7.2.2.3"), Trait("Spec", "IM 7.2.1.3/3-a")]
    public void A_group_has_a_list_of_its_own()
    {
        var facts = With(GroupOfThree) with { Operator = policy with { MayStartGroups = List("example.net") } };

        var scene = new Scene(facts);
        Assert.Equal(SipStatus.Forbidden, scene.Calls(alice).Single<Respond>().Status);
        Assert.Equal(SipStatus.Ok, scene.Calls(carol).Effects.OfType<Respond>().Single().Status);

        // Who may not start it may join it.
        Assert.Equal(SipStatus.Ok, scene.Calls(alice).Effects.OfType<Respond>().Single().Status);
    }

    [Fact, Trait("Spec", "IM 7.2.2.2")]
    public void Whom_nobody_may_invite_is_left_out()
    {
        var facts = With(policy with { MayBeInvited = List("example.com") });
        var scene = new Scene(facts);

        scene.Invites(alice, bob, carol);

        Assert.True(scene.Has(bob));
        Assert.False(scene.Has(carol));
        Assert.Equal(ConferenceKind.AdHoc, scene.Conference!.Kind);
        Assert.Equal(SipStatus.Forbidden, new Scene(facts).Invites(alice, carol).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/9")]
    public void Whom_nobody_may_invite_is_not_added_either()
    {
        var facts = With(policy with { MayBeInvited = List("example.com") });
        var scene = Scene.Settled(facts, alice, bob, Uri("sip:x@example.com"));

        scene.Refers(alice, dave);

        Assert.False(scene.Has(dave));
    }

    [Fact, Trait("Spec", "IM 7.2.2.2")]
    public void A_group_invites_those_members_whom_the_operator_lets()
    {
        var facts = With(GroupOfThree with { InvitesMembers = true }) with
        {
            Operator = policy with { MayBeInvited = List("example.com") },
        };
        var scene = new Scene(facts);

        scene.Calls(alice);

        Assert.True(scene.Has(bob));
        Assert.False(scene.Has(carol));
    }
}
