using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Core.Tests.Notifications;

/// <summary>IM 7.9.1.1.5: what the conference-info document says.</summary>
public class ConferenceStateDocumentTests
{
    private readonly Scene scene = new();

    private ConferenceUser Shown(string entity) => scene.Document.Users!.List.Single(user => user.Entity == entity);

    private void BobSees()
    {
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Subscribes(bob);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/1")]
    public void The_session_identity_stands_for_the_group_identity()
    {
        scene.Invites(alice, bob, carol);
        BobSees();

        Assert.Equal("sip:c0ffee@im.example.com", scene.Document.Entity);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2"), Trait("Spec", "RFC 4575 5.6")]
    public void Each_participant_is_one_user_and_the_list_says_its_own_state()
    {
        scene.Invites(alice, bob, carol, dave);
        scene.Accepts(carol);
        BobSees();

        Assert.Equal([alice.Text, bob.Text, carol.Text], scene.Document.Users!.List.Select(user => user.Entity));
        Assert.Contains("<users state=\"full\">", scene.Notify.Body.Text(), StringComparison.Ordinal);

        scene.AnswersNotify(bob);
        scene.Later(10).Leaves(carol);
        Assert.Contains("<users state=\"partial\">", scene.Notify.Body.Text(), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2"), Trait("Spec", "IM 7.9.1.1.5/2c-ii")]
    public void Who_has_not_even_rung_is_not_shown()
    {
        scene.Invites(alice, bob, carol);
        BobSees();

        Assert.DoesNotContain(scene.Document.Users!.List, user => user.Entity == carol.Text);
        Assert.Equal(2u, scene.Document.ConferenceState!.UserCount);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2a"), Trait("Spec", "IM 7.9.1.1.5/2a-i")]
    public void The_inviter_is_shown_by_his_authenticated_address_and_not_by_his_from()
    {
        var from = Address("<sip:ali@nickname.example>;tag=1");
        scene.Arrives(Invite(alice, bob, carol).WithHead(head => head with { From = from }));
        BobSees();

        Assert.Equal(alice.Text, scene.Document.Users!.List[0].Entity);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2a-ii")]
    public void An_inviter_with_privacy_is_anonymous_everywhere()
    {
        scene.Arrives(Invite(alice, bob, carol).With("Privacy", "id"));
        BobSees();

        Assert.Equal("sip:anonymous1@anonymous.invalid", scene.Document.Users!.List[0].Entity);
        Assert.DoesNotContain("alice", scene.Notify.Body.Text(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2a-iii")]
    public void An_invitee_is_shown_as_the_list_named_him()
    {
        scene.Arrives(Invite(alice) with { RecipientList = List("sip:b%6Fb@Example.COM;method=INVITE", carol.Text) });
        scene.Happens(new ResponseArrived(
            scene.Effects.OfType<SendRequest>().First().Key,
            Response(scene.Effects.OfType<SendRequest>().First(), 200, body: Sdp(bob, setup: "active"))));
        scene.Acknowledges(alice);
        scene.Subscribes(bob);

        Assert.Equal("sip:b%6Fb@Example.COM", scene.Document.Users!.List[1].Entity);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2a-iv")]
    public void Two_invitees_with_privacy_are_two_anonymous_users()
    {
        scene.Invites(alice, bob, carol, dave);
        foreach (var hidden in new[] { carol, dave })
            scene.Answers(hidden, Response(scene.InviteTo(hidden), 200, body: Sdp(hidden)).With("Privacy", "user;id"));
        BobSees();

        Assert.Equal(
            [alice.Text, bob.Text, "sip:anonymous3@anonymous.invalid", "sip:anonymous4@anonymous.invalid"],
            scene.Document.Users!.List.Select(user => user.Entity));
        Assert.DoesNotContain(
            "192.0.2.20", Shown("sip:anonymous3@anonymous.invalid").Endpoints[0].Entity, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2b")]
    public void The_name_of_a_user_is_shown_and_of_an_anonymous_one_it_is_not()
    {
        scene.Arrives(Invite(alice, bob, carol).WithHead(head => head with
        {
            From = Address("\"Ali <&> 'Baba'\" <sip:alice@example.com>;tag=1"),
        }));
        BobSees();
        Assert.Equal("Ali <&> 'Baba'", Shown(alice.Text).DisplayText);

        var hidden = new Scene();
        hidden.Arrives(Invite(alice, bob).With("Privacy", "id").WithHead(head => head with
        {
            From = Address("\"Alice\" <sip:alice@example.com>;tag=1"),
        }));
        hidden.Accepts(bob);
        hidden.Subscribes(bob);
        Assert.Equal("Anonymous", hidden.Document.Users!.List[0].DisplayText);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c"), Trait("Spec", "IM 7.9.1.1.5/2c-i"), Trait("Spec", "IM 7.9.1.1.5/2c-ii-A")]
    public void A_user_has_one_endpoint_his_contact_and_is_connected()
    {
        scene.Invites(alice, bob, carol);
        BobSees();

        Assert.Equal(
            new("sip:alice@192.0.2.10:5060;transport=tcp", EndpointStatus.Connected),
            Assert.Single(Shown(alice.Text).Endpoints));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-D")]
    public void Who_rings_is_alerting_and_not_counted()
    {
        scene.Invites(alice, bob, carol);
        scene.Rings(carol);
        BobSees();

        Assert.Equal(EndpointStatus.Alerting, Shown(carol.Text).Endpoints[0].Status);
        Assert.Equal(2u, scene.Document.ConferenceState!.UserCount);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-B")]
    public void Who_left_is_disconnected_once_and_absent_from_the_next_full_document()
    {
        scene.Invites(alice, bob, carol);
        scene.Accepts(carol);
        BobSees();
        scene.AnswersNotify(bob);
        scene.Later(10).Leaves(carol);
        Assert.Equal(EndpointStatus.Disconnected, Shown(carol.Text).Endpoints[0].Status);
        scene.AnswersNotify(bob);

        scene.Refreshes(bob);
        Assert.DoesNotContain(scene.Document.Users!.List, user => user.Entity == carol.Text);
    }

    [Fact, Trait("Spec", "RFC 4575 5.3")]
    public void A_full_document_describes_the_session()
    {
        scene.Arrives(Invite(alice, bob, carol).With("Subject", "Where to ski"));
        BobSees();

        Assert.Equal(
            ("Where to ski", 10u), (scene.Document.Description!.Subject, scene.Document.Description.MaximumUserCount));
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/1")]
    public void Whom_we_are_removing_is_shown_until_he_is_gone()
    {
        scene.Invites(alice, bob, carol);
        scene.Accepts(carol);
        BobSees();
        scene.AnswersNotify(bob);
        scene.Happens(new AckTimedOut(null, scene.Participant(carol).Leg.Dialog));

        scene.Refreshes(bob);

        Assert.Equal(EndpointStatus.Connected, Shown(carol.Text).Endpoints[0].Status);
        Assert.Equal(3u, scene.Document.ConferenceState!.UserCount);
    }
}
