using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>The History Function participant, IM 7.2.1.4/3.</summary>
public class HistoryPolicyTests
{
    private static readonly SipUri history = Uri("sip:history@example.com");

    private static readonly OperatorPolicy records = policy with { HistoryFunctions = [history.PersonKey] };

    private static readonly GroupXml group = new(skiers.Text, alice.Text, bob.Text, carol.Text, history.Text);

    private static Scene Full(OperatorPolicy? changed = null)
    {
        var scene = new Scene(With(group with { MaxParticipants = 2 }) with { Operator = changed ?? records });
        scene.Calls(alice);
        scene.Acknowledges(alice);
        scene.Calls(bob);
        scene.Acknowledges(bob);
        return scene;
    }

    private static InviteRequest Sent(params string[] by) =>
        by.Aggregate(InviteGroup(history), (request, value) => request.WithHead(head => head with
        {
            Headers = new([.. head.Headers, new("Referred-By", value)]),
        }));

    private static int Status(Decision decision) => decision.Effects.OfType<Respond>().First().Status.Code;

    [Fact, Trait("Spec", "IM 7.2.1.4/3-i")]
    public void Over_the_limit_it_comes_in_when_an_entitled_user_has_sent_it()
    {
        var scene = Full();

        Assert.Equal(486, Status(scene.Calls(carol)));
        Assert.Equal(200, Status(scene.Arrives(Sent("<sip:alice@example.com>"))));
        Assert.True(scene.Participant(history).IsHistory);
    }

    [Theory, Trait("Spec", "IM 7.2.1.4/3-i"), Trait("Spec", "IM 7.2.1.4/3-ii")]
    [InlineData("<sip:dave@example.net>")]
    [InlineData("<sip:mallory@example.com>")]
    [InlineData("nobody")]
    [InlineData("<sip:alice@example.com>", "<sip:bob@example.com>")]
    [InlineData]
    public void Otherwise_it_gets_486(params string[] by)
    {
        var response = Full().Arrives(Sent(by)).Single<Respond>();

        Assert.Equal((486, "Too many participants"), (response.Status.Code, response.Warning));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/3-i")]
    public void A_member_who_does_not_attend_may_send_it_and_so_may_one_with_a_cid() =>
        Assert.Equal(200, Status(Full().Arrives(Sent("\"Carol\" <sip:carol@example.net>;cid=\"1@example.net\""))));

    [Fact, Trait("Spec", "IM 7.2.1.4/3-i")]
    public void The_operator_may_say_who_of_them_may_do_that()
    {
        Assert.True(UserList.TryParse(["sip:bob@example.com"], out var only));
        var scene = Full(records with { MayInvokeHistory = only });

        Assert.Equal(486, Status(scene.Arrives(Sent("<sip:alice@example.com>"))));
        Assert.Equal(200, Status(scene.Arrives(Sent("<sip:bob@example.com>"))));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/3-i")]
    public void Who_is_no_history_function_gains_nothing_by_Referred_By() =>
        Assert.Equal(486, Status(Full().Arrives(InviteGroup(carol).With("Referred-By", "<sip:alice@example.com>"))));

    [Fact, Trait("Spec", "IM 7.2.1.4/3-NOTE")]
    public void It_takes_nobodys_place()
    {
        var scene = new Scene(With(group with { MaxParticipants = 2 }) with { Operator = records });
        scene.Calls(alice);
        Assert.Equal(200, Status(scene.Calls(history)));

        Assert.Equal(200, Status(scene.Calls(bob)));
        Assert.Equal(486, Status(scene.Calls(carol)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/3-NOTE")]
    public void It_is_invited_beyond_the_places_of_a_group()
    {
        var invites = group with { MaxParticipants = 2, InvitesMembers = true };
        var scene = new Scene(With(invites) with { Operator = records });

        scene.Calls(alice);

        Assert.True(scene.Has(bob));
        Assert.False(scene.Has(carol));
        Assert.True(scene.Has(history));
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void It_keeps_no_session()
    {
        var scene = Full();
        scene.Arrives(Sent("<sip:alice@example.com>"));
        scene.Acknowledges(history);
        scene.Leaves(alice);
        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);

        scene.Leaves(bob);

        Assert.Equal(["history"], scene.ByesSent);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.2.3")]
    public void It_starts_no_session()
    {
        Assert.Equal(403, Status(new Scene(With(group) with { Operator = records }).Calls(history)));
        Assert.Equal(403, Status(new Scene(With(records)).Invites(history, alice)));
    }

    [Fact]
    public void In_an_ad_hoc_session_it_is_added_beyond_the_limit_by_who_may()
    {
        Assert.True(UserList.TryParse(["sip:alice@example.com"], out var only));
        var most = records with { MaxAdHocParticipants = 3, MayInvokeHistory = only };
        var scene = Scene.Settled(With(most), alice, bob, carol);

        scene.Refers(bob, history);
        Assert.False(scene.Has(history));
        scene.Refers(alice, history);
        Assert.True(scene.Has(history));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/3")]
    public void It_comes_again_into_a_full_ad_hoc_session_as_into_a_group()
    {
        var scene = Scene.Settled(With(records with { MaxAdHocParticipants = 2 }), alice, bob, history);
        scene.Leaves(history);

        Assert.Equal(486, Status(scene.Rejoins(history)));
        Assert.Equal(200, Status(scene.Arrives(Rejoin(history).With("Referred-By", "<sip:bob@example.com>"))));
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-1"), Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void Its_200_answers_no_inviter_who_waits_for_people()
    {
        var scene = new Scene(With(records));
        scene.Invites(alice, bob, history);

        Assert.Empty(scene.Accepts(history).Effects.OfType<Respond>());
        Assert.Equal(180, Status(scene.Rings(bob)));
        Assert.Equal(486, Status(scene.Answers(bob, 486)));
        Assert.Equal(["history"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void Nor_does_it_when_all_the_others_have_refused_before()
    {
        var scene = new Scene(With(records));
        scene.Invites(alice, bob, history);
        scene.Answers(bob, 486);

        Assert.Equal(486, Status(scene.Accepts(history)));
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-1")]
    public void Who_comes_behind_it_is_shown_it_too()
    {
        var scene = new Scene(With(records));
        scene.Invites(alice, bob, history);
        scene.Accepts(history);

        Assert.Equal(200, Status(scene.Accepts(bob)));
        scene.Acknowledges(alice);
        scene.Subscribes(alice);
        Assert.Contains(history.Text, scene.Document.Users!.List.Select(user => user.Entity));
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/9")]
    public void Its_own_INVITE_does_not_end_the_waiting_either()
    {
        var scene = new Scene(With(group with { InvitesMembers = true }) with { Operator = records });
        scene.Calls(alice);

        Assert.Single(scene.Arrives(InviteGroup(history)).Effects.OfType<Respond>());
        Assert.Equal(LegState.Offered, scene.Participant(alice).Leg.State);
    }
}
