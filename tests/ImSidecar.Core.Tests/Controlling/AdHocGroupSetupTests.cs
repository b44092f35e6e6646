using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.2 Ad-hoc IM Group setup request.</summary>
public class AdHocGroupSetupTests
{
    private static Decision SetUp(InviteRequest request, Facts? facts = null) =>
        AdHocGroupSetup.OnInvite(null, conferenceId, request, facts ?? NoFacts);

    private static Respond AssertRefused(Decision decision, int code)
    {
        var response = Assert.IsType<Respond>(Assert.Single(decision.Effects));
        Assert.Equal(code, response.Status.Code);
        Assert.NotEmpty(response.Warning!);
        Assert.Null(decision.Conference);
        return response;
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/1")]
    public void A_factory_uri_that_is_not_ours_gets_404()
    {
        var request = Invite(alice, bob).WithHead(head => head with { Uri = Uri("sip:other-factory@im.example.com") });

        AssertRefused(SetUp(request), 404);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/1")]
    public void The_factory_is_known_with_parameters_and_in_capitals_of_the_host()
    {
        var request = Invite(alice, bob).WithHead(head => head with
        {
            Uri = Uri("sip:conf-factory@IM.example.com:5060;transport=tcp"),
        });

        Assert.NotNull(SetUp(request).Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/2")]
    public void An_inviter_nobody_vouches_for_gets_403_with_a_warning()
    {
        var request = Invite(alice, bob).WithHead(head => head with { Identities = [] });

        Assert.Equal("Originator not authenticated", AssertRefused(SetUp(request), 403).Warning);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/2")]
    public void A_barred_inviter_gets_403_with_a_warning() =>
        Assert.Equal("User is barred from the IM service", AssertRefused(SetUp(Invite(mallory, bob)), 403).Warning);

    [Fact, Trait("Spec", "RFC 3261 8.1.1.8")]
    public void An_invite_without_contact_gets_400() =>
        AssertRefused(SetUp(Invite(alice, bob).WithHead(head => head with { Contact = null })), 400);

    [Fact, Trait("Spec", "IM 7.2.1.2/3")]
    public void The_methods_of_the_inviter_are_stored()
    {
        var request = Invite(alice, bob).With("Allow", "INVITE, ACK, BYE").With("Allow", "UPDATE");

        var inviter = SetUp(request).Conference!.Inviter()!;

        Assert.Equal(["INVITE", "ACK", "BYE", "UPDATE"], inviter.Leg.PeerAllows);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/4")]
    public void The_display_name_of_the_inviter_is_used()
    {
        var request = Invite(alice, bob)
            .WithHead(head => head with { From = Address("\"Alice\" <sip:alice@example.com>;tag=1") });

        Assert.Equal("Alice", SetUp(request).Conference!.Inviter()!.DisplayName);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/4")]
    public void Who_asks_privacy_shows_neither_name_nor_address()
    {
        var request = Invite(alice, bob, carol).With("Privacy", "id")
            .WithHead(head => head with { From = Address("\"Alice\" <sip:anonymous@anonymous.invalid>;tag=1") });

        var decision = SetUp(request);

        var inviter = decision.Conference!.Inviter()!;
        Assert.Null(inviter.DisplayName);
        Assert.Equal("sip:anonymous1@anonymous.invalid", inviter.Entity);
        Assert.True(inviter.Address.SameAddress(alice));
        Assert.All(decision.Effects.OfType<SendRequest>(), invitation =>
        {
            Assert.Null(invitation.Request.Headers.First("Referred-By"));
            Assert.Equal("id", invitation.Request.Headers.First("Privacy"));
            Assert.DoesNotContain("alice", invitation.Request.From, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/4")]
    public void A_from_header_that_is_anonymous_asks_for_privacy_too()
    {
        var request = Invite(alice, bob).WithHead(head => head with
        {
            From = Address("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1"),
        });

        Assert.True(SetUp(request).Conference!.Inviter()!.IsAnonymous);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/5")]
    public void The_session_gets_an_identity_of_its_own_in_our_domain()
    {
        var conference = SetUp(Invite(alice, bob, carol)).Conference!;

        Assert.Equal("sip:c0ffee@im.example.com", conference.SessionIdentity.Text);
        Assert.Equal(ConferencePhase.Inviting, conference.Phase);
        Assert.Equal(ConferenceKind.AdHoc, conference.Kind);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/5")]
    public void One_entry_in_the_list_makes_a_session_of_two() =>
        Assert.Equal(ConferenceKind.OneToOne, SetUp(Invite(alice, bob)).Conference!.Kind);

    public static TheoryData<string, byte[]> UnusableOffers => new()
    {
        { "no SDP at all", "hello"u8.ToArray() },
        { "audio only", "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"u8.ToArray() },
        { "types we do not take", Sdp(alice, types: "text/html") },
        { "a refused stream", Sdp(alice, port: 0) },
        { "TLS", Sdp(alice, protocol: "TCP/TLS/MSRP") },
    };

    [Theory, MemberData(nameof(UnusableOffers)), Trait("Spec", "IM 7.2.1.2/6")]
    public void An_offer_we_cannot_use_gets_488_that_says_what_we_support(string why, byte[] offer)
    {
        Assert.NotEmpty(why);
        var response = AssertRefused(SetUp(Invite(alice, bob) with { Offer = offer }), 488);

        Assert.Equal("application/sdp", response.Headers.First("Content-Type"));
        Assert.True(SessionDescription.TryParse(response.Body.Span, out var supported));
        Assert.Equal("message/cpim text/plain", supported.Media[0].Attribute("accept-types"));
        Assert.NotEqual("", supported.Media[0].Attribute("path"));
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/6")]
    public void An_invite_without_offer_is_not_refused() =>
        Assert.NotNull(SetUp(Invite(alice, bob) with { Offer = null }).Conference);

    [Fact, Trait("Spec", "RFC 5366 4")]
    public void An_invite_without_recipient_list_gets_400() =>
        AssertRefused(SetUp(Invite(alice, bob) with { RecipientList = null }), 400);

    [Fact, Trait("Spec", "IM 7.2.1.2/7")]
    public void More_than_the_maximum_gets_486_with_the_warning_of_the_text()
    {
        var facts = With(policy with { MaxAdHocParticipants = 3 });

        Assert.Equal(
            "Too many participants", AssertRefused(SetUp(Invite(alice, bob, carol, dave), facts), 486).Warning);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/7")]
    public void Exactly_the_maximum_with_the_inviter_counted_is_accepted()
    {
        var facts = With(policy with { MaxAdHocParticipants = 3 });

        Assert.Equal(3, SetUp(Invite(alice, bob, carol), facts).Conference!.Participants.Count);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/7")]
    public void Whom_the_list_names_twice_counts_once()
    {
        var facts = With(policy with { MaxAdHocParticipants = 3 });
        var request = Invite(alice) with
        {
            RecipientList =
                List("sip:bob@example.com", "sip:bob@EXAMPLE.com;method=INVITE", "sip:alice@example.com", carol.Text),
        };

        Assert.Equal(3, SetUp(request, facts).Conference!.Participants.Count);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/8")]
    public void Everybody_in_the_list_is_invited()
    {
        var decision = SetUp(Invite(alice, bob, carol));

        Assert.Equal([bob, carol], decision.Effects.OfType<SendRequest>().Select(request => request.Request.Uri));
        Assert.Equal(["p1", "p2", "p3"], decision.Conference!.Participants.Values.Select(each => each.Id).Order());
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/8")]
    public void Nobody_is_answered_before_somebody_accepts() =>
        Assert.Empty(SetUp(Invite(alice, bob, carol)).Effects.OfType<Respond>());

    [Fact, Trait("Spec", "RFC 4028 6")]
    public void A_session_interval_that_is_too_small_gets_422_with_the_least()
    {
        var request = Invite(alice, bob).With("Supported", "timer").With("Session-Expires", "60");

        Assert.Equal("90", AssertRefused(SetUp(request), 422).Headers.First("Min-SE"));
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void An_invite_that_is_repeated_before_its_ack_gets_the_same_200()
    {
        var scene = new Scene();
        scene.Invites(alice, bob);
        var answer = scene.Accepts(bob).Single<Respond>();

        var again = scene.Arrives(Invite(alice, bob).WithHead(head => head with { Transaction = "t-again" }));

        var response = again.Single<Respond>();
        Assert.Equal(("t-again", "local-alice"), (response.Transaction, response.ToTag));
        Assert.Null(answer.ToTag);
        Assert.Equal(answer.Body.ToArray(), response.Body.ToArray());
        Assert.Equal(1, scene.Conference!.Participants.Values.Count(each => each.IsInviter));
    }

    [Fact, Trait("Spec", "RFC 3261 8.2.2.2")]
    public void An_invite_that_came_on_two_paths_gets_482()
    {
        var scene = new Scene();
        scene.Invites(alice, bob);

        var again = scene.Arrives(Invite(alice, bob).WithHead(head => head with { Transaction = "t-other-path" }));

        Assert.Equal(482, again.Single<Respond>().Status.Code);
        Assert.Single(scene.Effects.OfType<SendRequest>());
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void An_invite_that_somebody_else_repeats_does_not_get_the_answer()
    {
        var scene = new Scene();
        scene.Invites(alice, bob);
        scene.Accepts(bob);

        var copied =
            Invite(alice, bob).WithHead(head => head with { Transaction = "t-again", Identities = [new(carol)] });

        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(copied).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void An_invite_that_is_repeated_after_its_sender_left_gets_481()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Leaves(alice);

        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(Invite(alice, bob, carol)).Single<Respond>().Status);
    }
}
