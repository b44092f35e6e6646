using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.1 General: the 200 to an initial INVITE.</summary>
public class SessionAcceptedTests
{
    private readonly Scene scene = new();

    private Respond Accepted(params (string, string)[] headers)
    {
        var request = Invite(alice, bob);
        foreach (var (name, value) in headers)
            request = request.With(name, value);
        scene.Arrives(request);
        return scene.Accepts(bob).Single<Respond>();
    }

    [Fact, Trait("Spec", "IM 7.2.1.1/1")]
    public void The_200_creates_the_dialog_and_waits_for_its_ack()
    {
        var response = Accepted();

        Assert.Equal(
            ("t-INVITE-alice", SipStatus.Ok, true), (response.Transaction, response.Status, response.RecordRoute));
        var leg = scene.Participant(alice).Leg;
        Assert.Equal(LegState.Answering, leg.State);
        Assert.Equal(start + policy.TransactionDeadline, leg.Deadline);
        Assert.Equal(new DialogId("call-of-alice", "local-alice", "from-alice"), leg.Dialog);
    }

    [Fact, Trait("Spec", "IM 7.2.1.1/2")]
    public void It_lists_the_methods_we_support()
    {
        var methods = Accepted().Headers.Values("Allow");

        Assert.Equal(["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REFER", "SUBSCRIBE", "UPDATE"], methods);
    }

    [Fact, Trait("Spec", "IM 7.2.1.1/3")]
    public void A_peer_with_session_timers_refreshes_as_uac()
    {
        var response = Accepted(("Supported", "timer"), ("Session-Expires", "600;refresher=uas"));

        Assert.Equal("600;refresher=uac", response.Headers.First("Session-Expires"));
        Assert.Equal("timer", response.Headers.First("Require"));
        Assert.Equal(start + TimeSpan.FromSeconds(600), scene.Participant(alice).Leg.SessionExpiresAt);
    }

    [Fact, Trait("Spec", "IM 7.2.1.1/3"), Trait("Spec", "RFC 4028 9")]
    public void A_peer_without_session_timers_is_not_asked_to_refresh()
    {
        var response = Accepted();

        Assert.Null(response.Headers.First("Session-Expires"));
        Assert.Null(response.Headers.First("Require"));
        Assert.Null(scene.Participant(alice).Leg.SessionExpiresAt);
    }

    [Fact, Trait("Spec", "IM 7.2.1.1/4"), Trait("Spec", "IM 7.2.1.1/4a")]
    public void It_asserts_the_factory() =>
        Assert.Equal("<sip:conf-factory@im.example.com>", Accepted().Headers.First("P-Asserted-Identity"));

    [Fact, Trait("Spec", "IM 7.2.1.1/5")]
    public void Its_contact_is_the_session_identity_of_a_focus() =>
        Assert.Equal("<sip:c0ffee@im.example.com>;isfocus;+g.oma.sip-im", Accepted().Headers.First("Contact"));

    [Fact, Trait("Spec", "IM 7.2.1.1/6")]
    public void It_names_the_release_version() =>
        Assert.Equal(policy.ReleaseVersion, Accepted().Headers.First("Server"));

    [Fact, Trait("Spec", "IM 7.2.1.1/7")]
    public void Subscribers_are_told_of_who_joins()
    {
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        scene.Later(10).Accepts(carol);

        var user = Assert.Single(scene.Document.Users!.List);
        Assert.Equal((carol.Text, EndpointStatus.Connected), (user.Entity, user.Endpoints[0].Status));
        Assert.Equal(3u, scene.Document.ConferenceState!.UserCount);
    }
}
