using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.11 SIP Session refresh procedure, by RFC 4028.</summary>
public class SessionRefreshTests
{
    private static Scene WithTimer(string expires = "600")
    {
        var scene = new Scene();
        scene.Arrives(Invite(alice, bob, carol).With("Supported", "timer").With("Session-Expires", expires));
        scene.Accepts(bob);
        scene.Accepts(carol);
        scene.Acknowledges(alice);
        return scene;
    }

    [Fact, Trait("Spec", "IM 7.2.1.11/1")]
    public void A_refresh_restarts_the_timer_and_says_who_refreshes()
    {
        var scene = WithTimer().Later(300);
        var refresh = Reinvite(scene.Participant(alice), scene.Participant(alice).Leg.Media.Offer)
            .With("Supported", "timer").With("Session-Expires", "400;refresher=uac");

        var response = scene.Arrives(refresh).Single<Respond>();

        Assert.Equal("400;refresher=uac", response.Headers.First("Session-Expires"));
        Assert.Equal("timer", response.Headers.First("Require"));
        Assert.Equal(start + TimeSpan.FromSeconds(700), scene.Participant(alice).Leg.SessionExpiresAt);
    }

    [Fact, Trait("Spec", "IM 7.2.1.11/1"), Trait("Spec", "RFC 4028 7.4")]
    public void A_refresh_without_session_timers_ends_the_supervision()
    {
        var scene = WithTimer();

        var response = scene.Arrives(Reinvite(scene.Participant(alice))).Single<Respond>();

        Assert.Null(response.Headers.First("Session-Expires"));
        Assert.Null(scene.Participant(alice).Leg.SessionExpiresAt);
    }

    [Fact, Trait("Spec", "RFC 4028 6")]
    public void A_refresh_that_asks_for_too_little_gets_422_and_the_timer_runs_on()
    {
        var scene = WithTimer();
        var before = scene.Conference;
        var refresh = Reinvite(scene.Participant(alice)).With("Supported", "timer").With("Session-Expires", "89");

        var response = scene.Arrives(refresh).Single<Respond>();

        Assert.Equal((SipStatus.SessionIntervalTooSmall, "90"), (response.Status, response.Headers.First("Min-SE")));
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.1.11/exp")]
    public void Who_does_not_refresh_in_time_is_removed()
    {
        var scene = WithTimer();

        scene.After(599);
        Assert.Empty(scene.ByesSent);
        scene.After(1);
        Assert.Equal(["alice"], scene.ByesSent);
    }

    [Theory]
    [InlineData(null, null, 1800)]
    [InlineData("600", null, 600)]
    [InlineData("7200", null, 1800)]
    [InlineData("600;refresher=uac", null, 600)]
    [InlineData("600;refresher=uas", null, 600)]
    [InlineData(null, "2400", 2400)]
    [InlineData("nonsense", null, 1800)]
    [Trait("Spec", "RFC 4028 9")]
    public void The_interval_is_never_above_what_was_asked_nor_below_what_the_peer_bears(
        string? asked, string? least, int seconds)
    {
        var request = Invite(alice, bob).With("Supported", "replaces, timer");
        if (asked is not null)
            request = request.With("Session-Expires", asked);
        if (least is not null)
            request = request.With("Min-SE", least);

        Assert.Equal(TimeSpan.FromSeconds(seconds), SessionRefresh.Interval(request, NoFacts));
    }

    [Fact, Trait("Spec", "RFC 4028 9")]
    public void A_peer_who_wants_us_to_refresh_may_be_left_without_timer()
    {
        var request = Invite(alice, bob).With("Supported", "timer").With("Session-Expires", "600;refresher=uas");

        Assert.Null(SessionRefresh.Interval(request, With(policy with { ForceUacRefresher = false })));
    }

    [Fact, Trait("Spec", "RFC 4028 9")]
    public void A_peer_without_session_timers_has_no_interval_and_is_never_too_small()
    {
        var request = Invite(alice, bob).With("Session-Expires", "60");

        Assert.Null(SessionRefresh.Interval(request, NoFacts));
        Assert.False(SessionRefresh.IsTooSmall(request, NoFacts));
    }
}
