using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.5 Rejoining IM Group Session request.</summary>
public class RejoinSessionTests
{
    private static readonly SipUri number = Uri("tel:+15551234");

    private static string? AssertRefused(Scene scene, SipUri user, int code)
    {
        var before = scene.Conference;
        var response = scene.Rejoins(user).Single<Respond>();
        Assert.Same(before, scene.Conference);
        Assert.Equal(code, response.Status.Code);
        return response.Warning;
    }

    private static Respond AssertIn(Scene scene, SipUri user)
    {
        var response = scene.Rejoins(user).Effects.OfType<Respond>().First();
        Assert.Equal(SipStatus.Ok, response.Status);
        Assert.True(scene.Conference!.IsAttending(user));
        return response;
    }

    /// <summary>Alice, bob and carol; bob has left.</summary>
    private static Scene WithoutBob(OperatorPolicy? changed = null)
    {
        var scene = Scene.Settled(With(changed ?? policy), alice, bob, carol);
        scene.Leaves(bob);
        return scene;
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/1-a"), Trait("Spec", "IM 7.2.1.5/1-b")]
    public void An_unknown_session_gets_403_with_a_warning() =>
        Assert.Equal("Session does not exist", AssertRefused(new(), bob, 403));

    [Fact, Trait("Spec", "IM 7.2.1.5/1-a")]
    public void A_released_session_does_not_exist_any_more()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Leaves(alice);

        Assert.Equal("Session does not exist", AssertRefused(scene, bob, 403));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/1-a")]
    public void The_operator_may_have_404_instead() =>
        AssertRefused(new(With(policy with { UnknownSessionCode = 404 })), bob, 404);

    [Fact, Trait("Spec", "IM 7.2.1.5/2-a"), Trait("Spec", "IM 7.2.1.5/2-b")]
    public void Who_was_never_invited_gets_403_that_says_why() =>
        Assert.Equal("Only who was invited to this session may join it", AssertRefused(WithoutBob(), dave, 403));

    [Fact, Trait("Spec", "IM 7.2.1.5/2-a"), Trait("Spec", "IM 7.2.1.5/2-b")]
    public void Who_is_not_authenticated_gets_403()
    {
        var request = Rejoin(bob).WithHead(head => head with { Identities = [] });

        var response = WithoutBob().Arrives(request).Single<Respond>();

        Assert.Equal((403, "Originator not authenticated"), (response.Status.Code, response.Warning));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/2-a")]
    public void Whom_the_operator_has_barred_meanwhile_does_not_come_in()
    {
        var scene = WithoutBob();
        scene.Facts = scene.Facts with { Operator = policy with { Barred = [bob.PersonKey] } };

        Assert.Equal("User is barred from the IM service", AssertRefused(scene, bob, 403));
    }

    [Fact]
    public void A_focus_gets_403_as_everywhere()
    {
        var request = Rejoin(bob).WithHead(head => head with { Contact = Address("<sip:focus@192.0.2.10>;isfocus") });

        var response = WithoutBob().Arrives(request).Single<Respond>();

        Assert.Equal((403, "isfocus already assigned"), (response.Status.Code, response.Warning));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/8"), Trait("Spec", "IM 7.2.1.5/9"), Trait("Spec", "IM 7.2.1.5/9a")]
    [Trait("Spec", "IM 7.2.1.5/10"), Trait("Spec", "IM 7.2.1.5/11")]
    public void Who_left_comes_in_again_with_his_types()
    {
        var scene = WithoutBob();

        var decision = scene.Rejoins(bob);

        var response = decision.Effects.OfType<Respond>().Single();
        Assert.IsType<OpenLeg>(decision.Effects[0]);
        Assert.Equal(SipStatus.Ok, response.Status);
        Assert.Contains("a=accept-types:message/cpim\r\n", response.Body.Text(), StringComparison.Ordinal);
        Assert.Contains("isfocus", response.Headers.First("Contact"), StringComparison.Ordinal);
        scene.Acknowledges(bob);
        Assert.Equal(LegState.Active, scene.Participant(bob).Leg.State);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/4"), Trait("Spec", "IM 7.2.1.5/5")]
    public void His_methods_and_his_name_are_kept()
    {
        var scene = WithoutBob();

        scene.Arrives(Rejoin(bob).With("Allow", "INVITE, BYE")
            .WithHead(head => head with { From = Address("\"Bob\" <sip:bob@example.com>;tag=again") }));

        Assert.Equal(("Bob", 2), (scene.Participant(bob).DisplayName, scene.Participant(bob).Leg.PeerAllows.Length));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/6")]
    public void Who_asks_for_privacy_is_anonymous()
    {
        var scene = WithoutBob();
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);

        scene.Later(10).Arrives(Rejoin(bob).With("Privacy", "id"));

        Assert.EndsWith(
            "@anonymous.invalid", Assert.Single(scene.Document.Users!.List).Entity, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/7")]
    public void Media_that_is_not_msrp_gets_488()
    {
        var request = Rejoin(bob) with { Offer = "v=0\r\nm=audio 1 RTP/AVP 0\r\n"u8.ToArray() };

        Assert.Equal(488, WithoutBob().Arrives(request).Single<Respond>().Status.Code);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/12"), Trait("Spec", "IM 7.2.1.5/13")]
    public void Those_who_watch_are_told_that_he_is_back()
    {
        var scene = WithoutBob();
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);

        scene.Later(10).Rejoins(bob);

        Assert.Equal(bob.Text, Assert.Single(scene.Document.Users!.List).Entity);
    }

    [Theory]
    [InlineData(486)]
    [InlineData(603)]
    public void Who_refused_was_invited_all_the_same(int code)
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Answers(bob, code);
        scene.Accepts(carol);

        AssertIn(scene, bob);
    }

    [Fact]
    public void Who_did_not_hear_it_ring_comes_in_later()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Accepts(carol);
        scene.Acknowledges(alice);
        scene.After(61);
        scene.Answers(bob, 487);

        AssertIn(scene, bob);
    }

    [Fact]
    public void Who_was_added_may_come_again_and_so_may_the_inviter()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Refers(alice, dave);
        scene.Accepts(dave);
        scene.Leaves(dave);
        scene.Leaves(alice);

        AssertIn(scene, dave);
        AssertIn(scene, alice);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/2-a"), Trait("Spec", "IM 7.2.2.9")]
    public void Who_was_expelled_comes_in_only_when_somebody_adds_him()
    {
        var scene = Scene.Settled(alice, bob, carol, dave);
        scene.Expels(alice, bob);
        scene.AnswersBye(bob);

        AssertRefused(scene, bob, 403);
        scene.Refers(carol, bob);
        scene.Accepts(bob);
        scene.Leaves(bob);
        AssertIn(scene, bob);
    }

    [Fact, Trait("Spec", "IM 7.2.2.9")]
    public void Who_was_expelled_by_his_alias_does_not_come_in_by_an_invitation_that_he_had_meanwhile()
    {
        var scene = Scene.Settled(alice, bob, carol, dave);
        scene.Leaves(bob);
        scene.Arrives(Rejoin(bob).With("Privacy", "id"));
        scene.Acknowledges(bob);
        var alias = scene.Participant(bob).Entity;
        scene.Refers(carol, bob);
        scene.Answers(bob, 486);

        scene.Expels(alice, Uri(alias));
        scene.AnswersBye(bob);

        AssertRefused(scene, bob, 403);
    }

    [Fact]
    public void Who_leaves_by_REFER_is_not_expelled()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Expels(bob, bob);
        scene.AnswersBye(bob);

        AssertIn(scene, bob);
    }

    [Fact]
    public void Who_is_expelled_is_so_under_each_address_he_has_shown()
    {
        var scene = Scene.Settled(alice, bob, carol, dave);
        scene.Leaves(bob);
        scene.Arrives(Rejoin(bob).WithHead(head => head with { Identities = [new(bob), new(number)] }));
        scene.Acknowledges(bob);
        scene.Leaves(bob);
        var byNumber = Rejoin(bob).WithHead(head => head with { Identities = [new(number)], CallId = "by-number" });
        Assert.Equal(SipStatus.Ok, scene.Arrives(byNumber).Effects.OfType<Respond>().First().Status);
        scene.Acknowledges(number);

        scene.Expels(alice, number);

        AssertRefused(scene, bob, 403);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/3")]
    public void An_ad_hoc_session_has_its_limit_too()
    {
        var scene = WithoutBob(policy with { MaxAdHocParticipants = 3 });
        scene.Refers(alice, dave);

        Assert.Equal("Too many participants", AssertRefused(scene, bob, 486));
        scene.Answers(dave, 486);
        AssertIn(scene, bob);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/3")]
    public void A_full_group_takes_nobody_by_its_session_identity_but_who_is_in_it()
    {
        var scene = new Scene(With(GroupOfThree with { MaxParticipants = 1 }));
        scene.Calls(alice);

        Assert.Equal("Too many participants", AssertRefused(scene, bob, 486));
        AssertIn(scene, alice);
    }

    [Fact]
    public void Who_comes_again_while_he_is_in_leaves_where_he_was()
    {
        var scene = Scene.Settled(alice, bob, carol);

        AssertIn(scene, bob);

        Assert.Equal(["bob"], scene.ByesSent);
        scene.AnswersBye(bob);
        Assert.Equal(3, scene.Conference!.Participants.Count);
    }

    [Fact]
    public void Who_rings_may_come_in_himself_and_the_inviter_waits_no_more()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);

        var decision = scene.Rejoins(bob);

        Assert.Equal(2, decision.Effects.OfType<Respond>().Count(each => each.Status == SipStatus.Ok));
        Assert.Single(decision.Effects.OfType<SendCancel>());
    }

    [Fact]
    public void A_one_to_one_session_takes_its_two_users_wherever_they_are()
    {
        var scene = Scene.Settled(alice, bob);

        AssertRefused(scene, carol, 403);
        var response = AssertIn(scene, bob);
        scene.AnswersBye(bob);

        Assert.DoesNotContain("a=chatroom", response.Body.Text(), StringComparison.Ordinal);
        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);
        scene.Leaves(bob);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference.Phase);
    }

    [Fact]
    public void The_same_invite_once_more_gets_the_same_answer()
    {
        var scene = WithoutBob();
        var first = AssertIn(scene, bob);

        var again = scene.Arrives(Rejoin(bob).WithHead(head => head with { Transaction = "t-again" }));

        Assert.Equal(first.Body, Assert.IsType<Respond>(Assert.Single(again.Effects)).Body);
    }

    [Fact]
    public void Of_many_who_came_and_went_those_who_went_first_are_forgotten()
    {
        var scene = WithoutBob(policy with { MaxAdHocParticipants = 3 });
        for (var number = 0; number < 20; number++)
        {
            var user = Uri($"sip:user{number}@example.com");
            scene.Refers(alice, user);
            scene.Accepts(user);
            scene.Leaves(user);
        }

        Assert.Equal(12, scene.Conference!.Guests.Count);
        AssertRefused(scene, bob, 403);
        AssertIn(scene, Uri("sip:user19@example.com"));
        AssertIn(scene, alice);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8"), Trait("Spec", "IM 7.2.1.5/2-a")]
    public void Who_comes_again_by_his_other_address_has_not_left_a_one_to_one_session()
    {
        var scene = new Scene();
        scene.Arrives(Invite(alice, bob)
            .WithHead(head => head with { Identities = [.. head.Identities, new(number)] }));
        scene.Accepts(bob);
        scene.Acknowledges(alice);

        scene.Arrives(Rejoin(alice).WithHead(head => head with { Identities = [new(number)] }));
        scene.AnswersBye(alice);

        Assert.False(scene.Conference!.IsOver);
    }
}
