using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.4 Joining Pre-defined IM Group Session request, and IM 7.2.1.3/9.</summary>
public class JoinGroupTests
{
    /// <summary>A chat group that alice has opened.</summary>
    private static Scene Opened(GroupXml? group = null)
    {
        var scene = new Scene(With(group ?? GroupOfThree));
        scene.Calls(alice);
        scene.Acknowledges(alice);
        return scene;
    }

    private static string? AssertRefused(Decision decision, int code)
    {
        var response = Assert.Single(decision.Effects.OfType<Respond>());
        Assert.Equal(code, response.Status.Code);
        return response.Warning;
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/1"), Trait("Spec", "IM 7.2.1.3/2")]
    public void A_focus_gets_403()
    {
        var request = InviteGroup(bob)
            .WithHead(head => head with { Contact = Address("<sip:focus@192.0.2.10>;isfocus") });

        Assert.Equal("isfocus already assigned", AssertRefused(Opened().Arrives(request), 403));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/2-a"), Trait("Spec", "IM 7.2.1.4/2-b")]
    public void Who_may_not_join_gets_403_that_says_why()
    {
        Assert.Contains("join-handling", AssertRefused(Opened().Calls(dave), 403), StringComparison.Ordinal);
        Assert.Equal(
            "Originator not authenticated",
            AssertRefused(Opened().Arrives(InviteGroup(bob).WithHead(head => head with { Identities = [] })), 403));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/2-b")]
    public void The_log_says_what_the_warning_says_and_which_rules_did_not_match()
    {
        var response = Opened().Calls(dave).Effects.OfType<Respond>().Single();

        Assert.StartsWith(response.Warning!, response.Explanation, StringComparison.Ordinal);
        Assert.Contains("\"members\"", response.Explanation, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/2-a")]
    public void A_member_known_by_his_number_joins_under_his_name()
    {
        var scene = Opened(new(skiers.Text, alice.Text, "tel:+15551234"));

        var decision = scene.Arrives(InviteGroup(bob)
            .WithHead(head => head with { Identities = [new(bob), Address("<tel:+1-555-1234>")] }));

        Assert.Equal(SipStatus.Ok, decision.Effects.OfType<Respond>().Single().Status);
        Assert.Equal(bob.Text, scene.Participant(bob).Entity);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/3"), Trait("Spec", "IM 7.2.1.4/3-ii")]
    public void A_full_group_gets_486()
    {
        var scene = Opened(GroupOfThree with { MaxParticipants = 1 });

        Assert.Equal("Too many participants", AssertRefused(scene.Calls(bob), 486));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/3-ii")]
    public void The_operators_limit_holds_whatever_the_document_says()
    {
        var scene = new Scene(With(GroupOfThree) with { Operator = policy with { MaxGroupParticipants = 1 } });
        scene.Calls(alice);

        AssertRefused(scene.Calls(bob), 486);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/3")]
    public void Who_rings_has_his_place_and_takes_it_himself()
    {
        var scene = new Scene(With(GroupOfThree with { InvitesMembers = true, MaxParticipants = 2 }));
        scene.Calls(alice);

        AssertRefused(scene.Calls(carol), 486);
        var decision = scene.Calls(bob);

        Assert.Equal(2, decision.Effects.OfType<Respond>().Count(each => each.Status == SipStatus.Ok));
        Assert.Single(decision.Effects.OfType<SendCancel>());
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/7")]
    public void Media_that_is_not_msrp_gets_488() =>
        AssertRefused(
            Opened().Arrives(InviteGroup(bob) with { Offer = "v=0\r\nm=audio 1 RTP/AVP 0\r\n"u8.ToArray() }), 488);

    [Fact, Trait("Spec", "IM 7.2.1.4/4"), Trait("Spec", "IM 7.2.1.4/5"), Trait("Spec", "IM 7.2.1.4/9")]
    [Trait("Spec", "IM 7.2.1.4/9a"), Trait("Spec", "IM 7.2.1.4/9b"), Trait("Spec", "IM 7.2.1.4/10")]
    public void Who_may_is_answered_with_his_types()
    {
        var scene = Opened();

        var decision = scene.Arrives(InviteGroup(bob).With("Allow", "INVITE, BYE")
            .WithHead(head => head with { From = Address("\"Bob\" <sip:bob@example.com>;tag=from-bob") }));

        var response = decision.Effects.OfType<Respond>().Single();
        Assert.IsType<OpenLeg>(decision.Effects[0]);
        Assert.Equal(SipStatus.Ok, response.Status);
        Assert.Contains("a=accept-types:message/cpim\r\n", response.Body.Text(), StringComparison.Ordinal);
        Assert.Equal(("Bob", 2), (scene.Participant(bob).DisplayName, scene.Participant(bob).Leg.PeerAllows.Length));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/11"), Trait("Spec", "IM 7.2.1.4/12"), Trait("Spec", "IM 7.2.1.3/9e")]
    public void Those_who_watch_are_told_that_he_joined()
    {
        var scene = Opened();
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);

        scene.Later(10).Calls(bob);

        Assert.Equal(skiers.Text, scene.Document.Entity);
        Assert.Equal(bob.Text, Assert.Single(scene.Document.Users!.List).Entity);
    }

    [Theory, Trait("Spec", "IM 7.2.1.3/9"), Trait("Spec", "IM 7.2.1.3/9a"), Trait("Spec", "IM 7.2.1.3/9b")]
    [Trait("Spec", "IM 7.2.1.3/9b-i"), Trait("Spec", "IM 7.2.1.3/9c"), Trait("Spec", "IM 7.2.1.3/9d")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_caller_of_a_pre_arranged_group_meets_the_first(bool isFirstAnswered)
    {
        var scene = new Scene(With(GroupOfThree with { InvitesMembers = true }));
        scene.Calls(alice);
        if (isFirstAnswered)
            scene.Accepts(carol);

        var decision = scene.Calls(bob);

        // Who waited for the members waits no more, and bob's phone rings no more.
        Assert.Equal(
            isFirstAnswered ? ["t-INVITE-bob"] : ["t-INVITE-bob", "t-INVITE-alice"],
            decision.Effects.OfType<Respond>().Select(each => each.Transaction));
        Assert.Single(decision.Effects.OfType<SendCancel>());
        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);
    }

    [Fact]
    public void Who_comes_again_leaves_where_he_was_and_keeps_his_subscription()
    {
        var scene = Opened();
        scene.Calls(bob);
        scene.Acknowledges(bob);
        scene.Subscribes(bob);

        scene.Arrives(InviteGroup(bob).WithHead(head => head with
        {
            CallId = "another",
            Transaction = "t-again",
            LocalTag = "again",
        }));
        scene.AnswersBye(bob);

        Assert.Equal(1, scene.Conference!.Participants.Values.Count(each => each.Address.SameAddress(bob)));
        Assert.Null(scene.Subscription(bob).EndReason);
    }

    [Fact]
    public void The_same_invite_once_more_gets_the_same_answer()
    {
        var scene = Opened();
        var first = scene.Calls(bob).Effects.OfType<Respond>().Single();

        var again = scene.Arrives(InviteGroup(bob).WithHead(head => head with { Transaction = "t-again" }));

        var second = Assert.IsType<Respond>(Assert.Single(again.Effects));
        Assert.Equal((first.Body, "t-again"), (second.Body, second.Transaction));
        Assert.Equal(2, scene.Conference!.Participants.Count);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/1")]
    public void A_deleted_group_takes_nobody_even_before_its_session_is_released()
    {
        var scene = Opened();
        scene.Facts = scene.Facts with { Group = GroupFacts.None };

        AssertRefused(scene.Calls(bob), 404);
    }

    [Theory, Trait("Spec", "IM 7.2.1.5/2-a"), Trait("Spec", "IM 7.2.1.5/2-b")]
    [InlineData("sip:bob@example.com", 200)]
    [InlineData("sip:dave@example.net", 403)]
    public void By_the_session_identity_come_those_whom_the_document_admits(string user, int code)
    {
        var scene = Opened();

        var decision = scene.Arrives(InviteGroup(Uri(user))
            .WithHead(head => head with { Uri = scene.Conference!.SessionIdentity }));

        Assert.Equal(code, decision.Effects.OfType<Respond>().Single().Status.Code);
    }

    [Fact, Trait("Spec", "RFC 4575 4.6")]
    public void Those_who_watch_see_who_comes_again_once_and_do_not_see_him_go()
    {
        var scene = Opened();
        scene.Calls(bob);
        scene.Acknowledges(bob);
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);

        scene.Later(10).Arrives(InviteGroup(bob).WithHead(head => head with
        {
            CallId = "another",
            Transaction = "t-again",
            LocalTag = "again",
            Contact = Address("<sip:bob@192.0.2.11:5060>"),
        }));
        Assert.Single(scene.Document.Users!.List);
        scene.AnswersNotify(alice);
        scene.Later(10).AnswersBye(bob);

        Assert.Equal([alice.Text, bob.Text], scene.View(alice).Roster.Select(each => each.Entity));
        Assert.Equal("sip:bob@192.0.2.11:5060", Assert.Single(scene.View(alice).Users[bob.Text].Endpoints).Entity);
        Assert.Equal(2u, scene.View(alice).State!.UserCount);
    }

    [Fact]
    public void Who_started_the_session_and_comes_again_has_not_left_it()
    {
        var scene = new Scene(With(GroupOfThree) with { Operator = policy with { ReleaseWhenInviterLeaves = true } });
        scene.Calls(alice);
        scene.Acknowledges(alice);
        scene.Calls(bob);

        scene.Arrives(InviteGroup(alice).WithHead(head => head with
        {
            CallId = "another",
            Transaction = "t-again",
            LocalTag = "again",
        }));
        scene.AnswersBye(alice);

        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);
        scene.Leaves(alice);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference.Phase);
    }

    [Fact]
    public void A_member_who_rings_by_his_number_and_joins_by_his_name_rings_no_more()
    {
        var number = Uri("tel:+15551234");
        var scene = new Scene(With(new GroupXml(skiers.Text, alice.Text, number.Text)
        {
            InvitesMembers = true,
            MaxParticipants = 2,
        }));
        scene.Calls(alice);

        var decision = scene.Arrives(InviteGroup(bob)
            .WithHead(head => head with { Identities = [new(bob), new(number)] }));

        Assert.Equal(2, decision.Effects.OfType<Respond>().Count(each => each.Status == SipStatus.Ok));
        Assert.Single(decision.Effects.OfType<SendCancel>());
    }
}
