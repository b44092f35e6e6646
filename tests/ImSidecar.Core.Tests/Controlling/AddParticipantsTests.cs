using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.7 Adding Participants to IM Group Session request.</summary>
public class AddParticipantsTests
{
    private static readonly SipUri erin = Uri("sip:erin@example.net");

    private static Respond Response(Decision decision) => decision.Effects.OfType<Respond>().Single();

    private static IEnumerable<string> Invited(Decision decision) => decision.Effects.OfType<SendRequest>()
        .Where(each => each.Request.Method == "INVITE").Select(each => each.Request.Uri.User);

    private static ReferRequest Outside(SipUri from, Scene scene) =>
        new(Head("REFER", from, scene.Conference!.SessionIdentity) with
        {
            CallId = "refer-of-" + from.User,
            Contact = ContactOf(from),
        })
        {
            Targets = [new(dave, null, "INVITE")],
        };

    [Fact, Trait("Spec", "IM 7.2.1.7/1-a"), Trait("Spec", "IM 7.2.1.7/1-b")]
    public void Who_does_not_take_part_gets_403()
    {
        var scene = Scene.Settled(alice, bob, carol);

        Assert.Equal("Not a participant", Response(scene.Arrives(Outside(erin, scene))).Warning);
        Assert.Equal(
            "Originator not authenticated",
            Response(scene.Arrives(Outside(bob, scene).WithHead(head => head with { Identities = [] }))).Warning);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/1-a")]
    public void A_session_that_does_not_exist_gets_404()
    {
        var request = Outside(alice, Scene.Settled(alice, bob, carol));

        Assert.Equal(404, Response(new Scene().Arrives(request)).Status.Code);
    }

    [Fact, Trait("Spec", "IM 7.2.2.7"), Trait("Spec", "IM 7.2.1.7/1-a"), Trait("Spec", "IM 7.2.1.7/1-b")]
    public void A_one_to_one_session_takes_nobody_else() =>
        Assert.Equal(403, Response(Scene.Settled(alice, bob).Refers(alice, dave)).Status.Code);

    [Fact, Trait("Spec", "IM 7.2.2.7")]
    public void The_operator_may_leave_it_to_who_started_the_session()
    {
        var scene = Scene.Settled(With(policy with { OnlyInviterAdds = true }), alice, bob, carol);

        Assert.Equal(403, Response(scene.Refers(bob, dave)).Status.Code);
        Assert.Equal(202, Response(scene.Refers(alice, dave)).Status.Code);
    }

    [Fact, Trait("Spec", "IM 7.2.2.7")]
    public void In_a_pre_defined_group_the_document_says_who_adds_and_who_can_be_added()
    {
        var group = GroupOfThree with
        {
            Rules = GroupXml.OfMembers + GroupXml.Rule(
                "owner", alice.Text,
                "<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>"
                + "<allow-invite-users-dynamically>true</allow-invite-users-dynamically>"),
        };
        var scene = new Scene(With(group));
        foreach (var user in new[] { alice, bob })
        {
            scene.Calls(user);
            scene.Acknowledges(user);
        }

        var refused = Response(scene.Refers(bob, carol));
        var decision = scene.Refers(alice, carol, dave);

        Assert.Equal(403, refused.Status.Code);
        Assert.Contains("allow-invite-users-dynamically", refused.Warning, StringComparison.Ordinal);
        Assert.Equal(["carol"], Invited(decision));
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/2")]
    public void Who_asks_privacy_invites_without_his_name()
    {
        var scene = Scene.Settled(alice, bob, carol);

        var decision = scene.Arrives(new ReferRequest(Inside(scene.Participant(bob).Leg, bob, "REFER"))
        {
            Targets = [new(dave, null, "INVITE")],
        }.With("Privacy", "id"));

        var invite = decision.Effects.OfType<SendRequest>().First(each => each.Request.Method == "INVITE").Request;
        Assert.Null(invite.Headers.First("Referred-By"));
        Assert.DoesNotContain("bob", invite.From, StringComparison.Ordinal);
    }

    /// <summary>Alice, bob, and carol who hides.</summary>
    private static Scene Hiding()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);
        scene.Answers(carol, Given.Response(scene.InviteTo(carol), 200, "c", Sdp(carol, setup: "active"))
            .With("Privacy", "id"));
        scene.Acknowledges(alice);
        return scene;
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/2"), Trait("Spec", "IM 7.2.3.2")]
    public void Who_hides_in_the_session_need_not_ask_for_privacy_again()
    {
        var scene = Hiding();

        var decision = scene.Arrives(new ReferRequest(Inside(scene.Participant(carol).Leg, carol, "REFER"))
        {
            Targets = [new(dave, null, "INVITE")],
        }.With("P-Access-Network-Info", "IEEE-802.11;i-wlan-node-id=ab12"));

        var invite = decision.Effects.OfType<SendRequest>().First(each => each.Request.Method == "INVITE").Request;
        Assert.Equal("id", invite.Headers.First("Privacy"));
        Assert.Null(invite.Headers.First("Referred-By"));
        Assert.Null(invite.Headers.First("P-Access-Network-Info"));
        Assert.DoesNotContain("carol", invite.From, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.3.2")]
    public void An_alias_is_who_is_there_and_nobody_who_could_be_invited()
    {
        var scene = Hiding();

        Assert.Empty(Invited(scene.Refers(bob, Uri(scene.Participant(carol).Entity))));
        Assert.Equal("SIP/2.0 200 OK\r\n", scene.Progress.Request.Body.Text());

        Assert.Empty(Invited(scene.Refers(alice, Uri("sip:anonymous77@anonymous.invalid"))));
        Assert.Equal("SIP/2.0 403 Forbidden\r\n", scene.Progress.Request.Body.Text());
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/3"), Trait("Spec", "IM 7.2.1.7/3a"), Trait("Spec", "IM 7.2.1.7/9")]
    public void The_user_is_invited_in_the_name_of_who_refers()
    {
        var decision = Scene.Settled(alice, bob, carol).Refers(bob, dave);

        var invite = decision.Effects.OfType<SendRequest>().First(each => each.Request.Method == "INVITE").Request;
        Assert.Equal(("<sip:bob@example.com>", dave), (invite.Headers.First("Referred-By"), invite.Uri));
        Assert.IsType<Respond>(decision.Effects[0]);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/3b"), Trait("Spec", "IM 7.2.1.7/7")]
    public void Of_a_list_everybody_is_invited_who_is_not_there_and_nothing_is_told()
    {
        var decision = Scene.Settled(alice, bob, carol).Refers(alice, dave, erin, bob);

        Assert.Equal(["dave", "erin"], Invited(decision));
        Assert.Equal("false", Response(decision).Headers.First("Refer-Sub"));
        Assert.Empty(decision.Conference!.Referrals);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/4")]
    public void One_too_many_gets_486_and_nobody_is_invited()
    {
        var scene = Scene.Settled(With(policy with { MaxAdHocParticipants = 3 }), alice, bob, carol);

        var decision = scene.Refers(alice, dave);

        Assert.Equal((486, "Too many participants"), (Response(decision).Status.Code, Response(decision).Warning));
        Assert.Empty(Invited(decision));
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/5"), Trait("Spec", "IM 7.2.1.7/6"), Trait("Spec", "IM 7.2.1.7/8")]
    public void Outside_a_dialog_the_answer_offers_to_tell_nothing()
    {
        var scene = Scene.Settled(alice, bob, carol);

        var outside = Response(scene.Arrives(Outside(bob, scene)));
        var inside = Response(scene.Refers(carol, erin));

        Assert.Equal((202, "norefersub"), (outside.Status.Code, outside.Headers.First("Supported")));
        Assert.True(outside.RecordRoute);
        Assert.Null(inside.Headers.First("Supported"));
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/7")]
    public void Refer_sub_false_is_echoed_and_nothing_is_told()
    {
        var decision = Scene.Settled(alice, bob, carol).Refers(bob, false, new ReferTarget(dave, null, "INVITE"));

        Assert.Equal("false", Response(decision).Headers.First("Refer-Sub"));
        Assert.DoesNotContain(decision.Effects.OfType<SendRequest>(), each => each.Request.Method == "NOTIFY");
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/10"), Trait("Spec", "IM 7.2.1.7/403")]
    public void The_answers_of_the_invited_are_told_one_after_the_other()
    {
        var scene = Scene.Settled(alice, bob, carol);

        scene.Refers(bob, dave);
        Assert.Equal("SIP/2.0 100 Trying\r\n", scene.Progress.Request.Body.Text());
        scene.Rings(dave);
        Assert.Equal("SIP/2.0 100 Trying\r\n", scene.Progress.Request.Body.Text());
        scene.AnswersProgress();
        Assert.StartsWith("SIP/2.0 180", scene.Progress.Request.Body.Text(), StringComparison.Ordinal);
        scene.Answers(dave, 403);
        scene.AnswersProgress();

        Assert.StartsWith("SIP/2.0 403", scene.Progress.Request.Body.Text(), StringComparison.Ordinal);
        Assert.Equal("terminated;reason=noresource", scene.Progress.Request.Headers.First("Subscription-State"));
        scene.AnswersProgress();
        Assert.Empty(scene.Conference!.Referrals);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/10")]
    public void Who_is_there_already_is_told_at_once_and_not_invited()
    {
        var scene = Scene.Settled(alice, bob, carol);

        var decision = scene.Refers(alice, bob);

        Assert.Empty(Invited(decision));
        Assert.StartsWith("SIP/2.0 200", scene.Progress.Request.Body.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_who_refer_to_the_same_user_ring_him_once_and_both_hear()
    {
        var scene = Scene.Settled(alice, bob, carol);

        var first = scene.Refers(alice, dave);
        var second = scene.Refers(bob, dave);
        scene.Accepts(dave);

        Assert.Equal(["dave"], Invited(first));
        Assert.Empty(Invited(second));
        Assert.Equal(2, scene.Conference!.Referrals.Values
            .Count(each => each.Targets is [{ Status.Code: 200 }]));
    }

    [Fact]
    public void The_same_refer_once_more_gets_482()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Arrives(Outside(bob, scene));

        var again = scene.Arrives(Outside(bob, scene).WithHead(head => head with { Transaction = "t-again" }));

        Assert.Equal(482, Assert.IsType<Respond>(Assert.Single(again.Effects)).Status.Code);
        Assert.Single(scene.Conference!.Referrals);
    }

    [Fact]
    public void That_somebody_is_there_anonymously_is_not_told()
    {
        var scene = Hiding();

        var decision = scene.Refers(bob, carol);

        Assert.Equal(["carol"], Invited(decision));
        Assert.Equal("SIP/2.0 100 Trying\r\n", scene.Progress.Request.Body.Text());
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/1-a")]
    public void Who_takes_part_by_his_name_refers_by_his_number()
    {
        var number = Address("<tel:+15551234>");
        var scene = new Scene(With(GroupOfThree with
        {
            Rules = GroupXml.OfMembers + GroupXml.Rule(
                "number", number.Uri.Text,
                "<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>"
                + "<allow-invite-users-dynamically>true</allow-invite-users-dynamically>"),
        }));
        scene.Arrives(InviteGroup(bob).WithHead(head => head with { Identities = [new(bob), number] }));
        scene.Acknowledges(bob);

        var decision = scene.Arrives(Outside(bob, scene).WithHead(head => head with { Identities = [number] }));

        Assert.Equal(202, Response(decision).Status.Code);
    }
}
