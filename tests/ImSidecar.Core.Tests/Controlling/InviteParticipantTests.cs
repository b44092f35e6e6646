using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.2.2 IM Session invitation request.</summary>
public class InviteParticipantTests
{
    private readonly Scene scene = new();

    private OutgoingRequest GroupInvite()
    {
        scene.Invites(alice, bob, carol);
        return scene.InviteTo(bob).Request;
    }

    [Fact, Trait("Spec", "IM 7.2.2.2")]
    public void The_invitation_comes_from_the_focus_and_names_the_inviter()
    {
        var request = GroupInvite();

        Assert.Equal(bob, request.Uri);
        Assert.Equal("<sip:bob@example.com>", request.To);
        Assert.Equal("<sip:c0ffee@im.example.com>", request.From);
        Assert.Equal("<sip:c0ffee@im.example.com>;isfocus;+g.oma.sip-im", request.Headers.First("Contact"));
        Assert.Equal("<sip:conf-factory@im.example.com>", request.Headers.First("P-Asserted-Identity"));
        Assert.Equal("<sip:alice@example.com>", request.Headers.First("Referred-By"));
        Assert.Equal("*;+g.oma.sip-im;require;explicit", request.Headers.First("Accept-Contact"));
    }

    [Fact, Trait("Spec", "IM 7.2.2.2")]
    public void In_a_session_of_two_it_comes_from_the_inviter_and_shows_no_focus()
    {
        var from = Address("\"Ali\" <sip:alice@example.com>;tag=1");
        scene.Arrives(Invite(alice, bob).WithHead(head => head with { From = from }));
        var request = scene.InviteTo(bob).Request;

        Assert.Equal("\"Ali\" <sip:alice@example.com>", request.From);
        Assert.Equal("<sip:c0ffee@im.example.com>;+g.oma.sip-im", request.Headers.First("Contact"));
        Assert.Null(request.Headers.First("Referred-By"));
    }

    [Fact, Trait("Spec", "IM M/replaces"), Trait("Spec", "IM M/5")]
    public void Who_has_the_old_session_is_asked_to_replace_it_and_nobody_else()
    {
        scene.Arrives(Invite(alice, bob, carol) with
        {
            RecipientList = List(
                "sip:bob@example.com;method=INVITE?Replaces=a84%3Bto-tag%3D1%3Bfrom-tag%3D2&Subject=mine", carol.Text),
        });
        var (toBob, toCarol) = (scene.InviteTo(bob).Request, scene.InviteTo(carol).Request);

        Assert.Equal(bob, toBob.Uri);
        Assert.Equal("a84;to-tag=1;from-tag=2", toBob.Headers.First("Replaces"));
        Assert.Equal("replaces", toBob.Headers.First("Require"));
        Assert.Equal("<sip:alice@example.com>", toBob.Headers.First("Referred-By"));
        Assert.Contains(";isfocus", toBob.Headers.First("Contact"), StringComparison.Ordinal);
        Assert.Null(toBob.Headers.First("Subject"));
        Assert.Null(toCarol.Headers.First("Replaces"));
        Assert.Null(toCarol.Headers.First("Require"));
        Assert.False(toBob.Headers.HasToken("Supported", "replaces"));
    }

    [Fact, Trait("Spec", "IM M/replaces")]
    public void Who_is_added_by_REFER_can_be_asked_too()
    {
        var three = Scene.Settled(alice, bob, dave);
        three.Refers(alice, null, new ReferTarget(carol, null, "INVITE") { Replaces = new("a84", "1", "2", true) });

        var request = three.InviteTo(carol).Request;
        Assert.Equal("a84;to-tag=1;from-tag=2;early-only", request.Headers.First("Replaces"));
        Assert.Equal("replaces", request.Headers.First("Require"));
    }

    [Fact, Trait("Spec", "RFC 3261 12.1.2")]
    public void Each_invitation_is_a_dialog_of_its_own()
    {
        GroupInvite();
        var (first, second) = (scene.InviteTo(bob).Request, scene.InviteTo(carol).Request);

        Assert.NotEqual(first.CallId, second.CallId);
        Assert.NotEqual(first.FromTag, second.FromTag);
        Assert.NotEqual("call-of-alice", first.CallId);
        Assert.True(first.IsInitial);
    }

    [Fact, Trait("Spec", "RFC 4028 7.1")]
    public void The_invitee_is_asked_to_refresh()
    {
        var headers = GroupInvite().Headers;

        Assert.Equal("1800;refresher=uas", headers.First("Session-Expires"));
        Assert.True(headers.HasToken("Supported", "timer"));
    }

    [Theory, InlineData("a\abell"), InlineData("a\0"), InlineData(""), Trait("Spec", "IM 7.2.2.2")]
    public void A_subject_that_is_no_text_or_too_long_is_left_out(string subject)
    {
        var value = subject.Length > 0 ? subject : new string('x', 1025);

        scene.Arrives(Invite(alice, bob).With("Subject", value));

        Assert.Null(scene.InviteTo(bob).Request.Headers.First("Subject"));
    }

    [Theory, InlineData("Subject"), InlineData("s"), Trait("Spec", "IM 7.2.2.2")]
    public void Subject_and_contribution_id_of_the_inviter_are_carried_on(string subject)
    {
        scene.Arrives(Invite(alice, bob, carol).With(subject, "Where to ski").With("Contribution-ID", "abc"));
        var headers = scene.InviteTo(carol).Request.Headers;

        Assert.Equal("Where to ski", headers.First("Subject"));
        Assert.Equal("abc", headers.First("Contribution-ID"));
    }

    [Fact, Trait("Spec", "RFC 3264 5")]
    public void It_offers_a_leg_of_the_switch_that_is_open_before()
    {
        scene.Invites(alice, bob, carol);

        var request = scene.InviteTo(bob).Request;
        Assert.True(SessionDescription.TryParse(request.Body.Span, out var offer));
        Assert.True(offer.TryFindMsrp(out _, out var media));
        Assert.Equal(SetupRole.ActPass, media.Setup);
        Assert.Equal(["text/plain"], media.AcceptWrappedTypes);
        Assert.NotNull(media.ChatRoom);

        var open = scene.Last.Effects.OfType<OpenLeg>().First(each => each.Media.LocalUri == media.Path[^1].ToString());
        Assert.True(scene.Last.Effects.IndexOf(open) < scene.Last.Effects.IndexOf(scene.InviteTo(bob)));
        Assert.Equal([bob.Text], open.Identities);
    }

    [Theory, InlineData(null), InlineData("*"), Trait("Spec", "RFC 4975 8.6")]
    public void An_inviter_without_limit_on_wrapped_types_sets_none(string? wrapped)
    {
        scene.Arrives(Invite(alice, bob) with { Offer = Sdp(alice, wrapped: wrapped) });

        Assert.True(SessionDescription.TryParse(scene.InviteTo(bob).Request.Body.Span, out var offer));
        Assert.Equal("*", offer.Media[0].Attribute("accept-wrapped-types"));
    }

    [Fact, Trait("Spec", "RFC 3261 9.1")]
    public void An_invitation_given_up_is_cancelled_once()
    {
        scene.Invites(alice, bob, carol);
        scene.Cancels(alice);

        Assert.Equal(
            ["c0ffee/p2/CANCEL/1", "c0ffee/p3/CANCEL/1"],
            scene.Last.Effects.OfType<SendCancel>().Select(cancel => cancel.Key.ToString()));
        Assert.Empty(scene.After(10).Effects);
    }

    [Fact, Trait("Spec", "RFC 3261 9.1")]
    public void A_cancelled_invitation_that_nobody_answers_ends_by_itself()
    {
        scene.Invites(alice, bob);
        scene.Cancels(alice);

        scene.After(40);

        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
    }
}
