using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests.Documents;

/// <summary>RFC 6665 4.1.3: what a NOTIFY tells, and which one is believed.</summary>
public class WatchNotifyTests
{
    private static void AssertRefused(Watching watching, NotifyRequest request, SipStatus status)
    {
        var before = watching.State;

        Assert.Equal(status, watching.Happens(new RequestArrived(request)).Single<Respond>().Status);

        Assert.Same(before, watching.State);
    }

    [Fact]
    public void The_first_one_tells_what_is_there()
    {
        var watching = new Watching();
        watching.Happens(new DocumentsWanted([Watching.ski, Watching.chess]));
        watching.Accepts();
        Assert.False(watching.State!.IsWatching(Watching.ski));

        var outcome = watching.Tells("active;expires=3600", (Watching.ski, "1"));

        Assert.Equal(SipStatus.Ok, outcome.Single<Respond>().Status);
        Assert.True(watching.State!.IsWatching(Watching.ski));
        // Whether it is not there or not ours to read, nobody says.
        Assert.False(watching.State.IsWatching(Watching.chess));
    }

    [Fact]
    public void Later_ones_tell_what_has_changed()
    {
        var watching = Watching.Settled(Watching.ski, Watching.chess);

        watching.Tells("active;expires=3600", (Watching.ski, "2"));
        Assert.Equal(("2", "1"), (watching.ETagOf(Watching.ski), watching.ETagOf(Watching.chess)));

        watching.Tells("active;expires=3600", (Watching.ski, null));
        Assert.Null(watching.ETagOf(Watching.ski));
        Assert.False(watching.State!.IsWatching(Watching.ski));
    }

    [Fact]
    public void After_a_refresh_what_is_not_told_is_not_there()
    {
        var watching = Watching.Settled(Watching.ski, Watching.chess);
        watching.Elapses(TimeSpan.FromMinutes(45));
        watching.Accepts();

        watching.Tells("active;expires=3600", (Watching.chess, "1"));

        Assert.Null(watching.ETagOf(Watching.ski));
        Assert.Equal("1", watching.ETagOf(Watching.chess));
    }

    [Fact]
    public void Without_a_body_it_tells_nothing_new()
    {
        var watching = Watching.Settled(Watching.ski);

        watching.Happens(new RequestArrived(watching.Notify("active;expires=600") with { Diff = null }));

        Assert.Equal("1", watching.ETagOf(Watching.ski));
        Assert.Equal(watching.Now + TimeSpan.FromSeconds(450), DocumentWatchMachine.NextDue(watching.State!));
    }

    [Fact]
    public void What_was_not_asked_for_and_what_names_no_document_is_not_kept()
    {
        var watching = Watching.Settled(Watching.ski);
        var notify = watching.Notify("active", (Watching.chess, "1"));

        watching.Happens(new RequestArrived(notify with
        {
            Diff = notify.Diff! with { Documents = [.. notify.Diff.Documents, new("??", null, "1")] },
        }));

        Assert.Equal(Watching.ski, Assert.Single(watching.State!.Told).Document);
    }

    [Fact]
    public void One_from_outside_our_dialog_is_not_believed()
    {
        var watching = Watching.Settled(Watching.ski);
        var notify = watching.Notify("active", (Watching.ski, "forged"));

        AssertRefused(watching, notify.WithHead(head => head with { CallId = "other" }), SipStatus.NoSuchDialog);
        AssertRefused(
            watching, notify.WithHead(head => head with { From = new(bob, null, ";tag=x") }), SipStatus.NoSuchDialog);
        AssertRefused(
            watching, notify.WithHead(head => head with { To = new(bob, null, ";tag=other") }), SipStatus.NoSuchDialog);
        AssertRefused(watching, notify.WithHead(head => head with { From = new(bob) }), SipStatus.NoSuchDialog);
        AssertRefused(watching, notify with { Event = "conference" }, SipStatus.NoSuchDialog);
        AssertRefused(new Watching(), notify, SipStatus.NoSuchDialog);
    }

    [Fact]
    public void One_that_is_overtaken_or_repeated_is_refused()
    {
        var watching = Watching.Settled(Watching.ski);
        var early = watching.Notify("active", (Watching.ski, "2"));
        watching.Tells("active", (Watching.ski, "3"));

        AssertRefused(watching, early, SipStatus.ServerInternalError);
        Assert.Equal("3", watching.ETagOf(Watching.ski));
    }

    [Theory, InlineData("deactivated"), InlineData("timeout")]
    public void A_subscription_that_only_moves_begins_anew_at_once(string reason)
    {
        var watching = Watching.Settled(Watching.ski);

        var outcome = watching.Tells("terminated;reason=" + reason);

        Assert.Equal(SipStatus.Ok, outcome.Single<Respond>().Status);
        Assert.Equal("", outcome.Single<SendRequest>().Request.ToTag);
    }

    [Theory]
    [InlineData("rejected", 3600), InlineData("noresource", 3600), InlineData("probation;retry-after=30", 30)]
    [InlineData("probation;retry-after=99999", 3600), InlineData("giveup", 5), InlineData("", 5)]
    public void One_that_is_ended_begins_anew_in_its_time(string reason, int seconds)
    {
        var watching = Watching.Settled(Watching.ski);

        Assert.Single(watching.Tells("terminated;reason=" + reason).Effects);

        Assert.Equal(watching.Now + TimeSpan.FromSeconds(seconds), DocumentWatchMachine.NextDue(watching.State!));
        Assert.Equal("1", watching.ETagOf(Watching.ski));
        Assert.False(watching.State!.IsWatching(Watching.ski));
    }

    [Fact]
    public void The_last_one_of_a_subscription_that_we_end_ends_it()
    {
        var watching = Watching.Settled(Watching.ski);
        watching.Happens(new DocumentsWanted([]));

        Assert.Equal(SipStatus.Ok, watching.Tells("terminated;reason=timeout").Single<Respond>().Status);

        Assert.Null(watching.State);
    }
}
