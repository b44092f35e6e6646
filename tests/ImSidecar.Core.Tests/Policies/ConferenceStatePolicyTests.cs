using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>IM 7.2.1.12/4: who may see the state of a session.</summary>
public class ConferenceStatePolicyTests
{
    private static Verdict Decide(Conference conference, SipUri user, OperatorPolicy policy) =>
        ConferenceStatePolicy.Decide(conference, Joiner.Of(user), With(policy));

    [Fact, Trait("Spec", "IM 7.2.1.12/4"), Trait("Spec", "IM 7.9.1.1.4/5")]
    public void In_a_pre_defined_group_the_document_decides_too()
    {
        var scene = new Scene(With(GroupOfThree with
        {
            Rules = GroupXml.OfMembers.Replace(
                "<allow-conference-state>true", "<allow-conference-state>false", StringComparison.Ordinal),
        }));
        scene.Calls(alice);

        var verdict = ConferenceStatePolicy.Decide(scene.Conference!, Joiner.Of(alice), scene.Facts);

        Assert.Contains("allow-conference-state", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/4")]
    public void Who_attends_may_and_who_does_not_may_not()
    {
        var conference = AdHocConference(alice, bob);

        Assert.True(Decide(conference, bob, policy).Allowed);
        Assert.Equal("Not a participant", Decide(conference, carol, policy).Reason);
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/4")]
    public void The_operator_may_admit_others_and_never_a_barred_user()
    {
        var conference = AdHocConference(alice, bob);
        var open = policy with { SubscriberMustAttend = false };

        Assert.True(Decide(conference, carol, open).Allowed);
        Assert.Equal(
            "User is barred from the IM service", Decide(conference, mallory, open).Reason);
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/4")]
    public void The_subscriptions_of_a_user_are_bounded_those_under_way_counted()
    {
        var two = policy with { MaxSubscriptionsPerUser = 2 };
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(bob);
        scene.Arrives(Subscribe(bob, 0).WithHead(head => head with { CallId = "second" }));
        scene.Subscribes(alice);

        Assert.Equal("Too many subscriptions", Decide(scene.Conference!, bob, two).Reason);
        Assert.True(Decide(scene.Conference!, alice, two).Allowed);
    }
}
