using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;

namespace ImSidecar.Core.Tests.Notifications;

/// <summary>IM 7.9.1.1.5 and RFC 6665 4.2.2: the NOTIFY request.</summary>
public class NotifyRequestsTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    [Fact, Trait("Spec", "RFC 6665 4.2.2"), Trait("Spec", "IM 7.9.1.1.5/gen")]
    public void It_goes_along_the_dialog_of_the_subscription()
    {
        scene.Arrives(Subscribe(bob).WithHead(head => head with
        {
            RouteSet = ["<sip:first.example;lr>", "<sip:second.example;lr>"],
        }));

        var notify = scene.Notify;

        Assert.Equal(("NOTIFY", 1L), (notify.Method, notify.CSeq));
        Assert.Equal("sip:bob@192.0.2.10:5060;transport=tcp", notify.Uri.Text);
        Assert.Equal(("subscription-of-bob", "local-bob", "from-bob"), (notify.CallId, notify.FromTag, notify.ToTag));
        Assert.Equal(("<sip:c0ffee@im.example.com>", "<sip:bob@example.com>"), (notify.From, notify.To));
        Assert.Equal(["<sip:first.example;lr>", "<sip:second.example;lr>"], notify.Headers.Values("Route"));
        Assert.Equal("<sip:c0ffee@im.example.com>;isfocus;+g.oma.sip-im", notify.Headers.First("Contact"));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/body")]
    public void Its_body_is_conference_info()
    {
        scene.Subscribes(bob);

        Assert.Equal("application/conference-info+xml", scene.Notify.Headers.First("Content-Type"));
        Assert.Equal("active;expires=3600", scene.Notify.Headers.First("Subscription-State"));
    }

    [Theory, InlineData(null, "conference"), InlineData("7", "conference;id=7"), Trait("Spec", "RFC 6665 8.2.1")]
    public void It_repeats_the_event_with_its_id(string? id, string expected)
    {
        scene.Arrives(Subscribe(bob) with { EventId = id });

        Assert.Equal(expected, scene.Notify.Headers.First("Event"));
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.1.1")]
    public void Its_cseq_counts_up()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);
        scene.Later(10).Leaves(carol);

        Assert.Equal(2, scene.Notify.CSeq);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.2")]
    public void A_notify_of_a_subscription_that_is_gone_is_not_made()
    {
        scene.Subscribes(bob);
        var notify = scene.NotifyTo(bob);
        scene.AnswersNotify(bob, 481);

        Assert.Null(new NotifyRequests(scene.Conference!, policy).Render(notify));
    }

    [Fact, Trait("Spec", "RFC 4575 4.6")]
    public void Subscribers_who_know_the_same_get_the_same_but_for_the_version()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);
        scene.Later(10).Refreshes(bob);
        scene.AnswersNotify(bob);
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);

        scene.Later(10).Leaves(carol);

        var requests = new NotifyRequests(scene.Conference!, policy);
        var first = requests.Render(scene.NotifyTo(bob))!.Body.Text();
        var second = requests.Render(scene.NotifyTo(alice))!.Body.Text();
        Assert.Contains("version=\"2\"", first, StringComparison.Ordinal);
        Assert.Equal(second, first.Replace("version=\"2\"", "version=\"1\"", StringComparison.Ordinal));
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/change")]
    public void What_was_made_for_one_is_told_the_next_until_it_changes()
    {
        scene.Subscribes(bob);
        var requests = new NotifyRequests(scene.Conference!, policy);
        var first = requests.Render(scene.NotifyTo(bob))!;
        scene.AnswersNotify(bob);

        scene.Subscribes(alice);
        requests = requests.Of(scene.Conference!);
        var same = requests.Render(scene.NotifyTo(alice))!;
        scene.AnswersNotify(alice);

        scene.Later(10).Leaves(carol);
        scene.AnswersNotify(bob);
        scene.Later(10).Refreshes(bob);
        requests = requests.Of(scene.Conference!);
        var changed = requests.Render(scene.NotifyTo(bob))!;

        Assert.Equal(first.Body.Text(), same.Body.Text());
        Assert.Equal(first.Headers.First("SIP-ETag"), same.Headers.First("SIP-ETag"));
        Assert.Contains("carol", same.Body.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("carol", changed.Body.Text(), StringComparison.Ordinal);
        Assert.NotEqual(same.Headers.First("SIP-ETag"), changed.Headers.First("SIP-ETag"));
    }
}
