using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Registration;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>RFC 3680: we watch where a user is registered.</summary>
public class WatchRegistrationsTests
{
    private readonly Serving _serving = new()
    {
        Participating = Serving.participating with { Sources = [RegistrationSource.RegEvent] },
    };

    private long _version;
    private long _cseq;

    private static ContactInfo Contact(string host, int? expires = 600, bool isActive = true) =>
        new($"sip:bob@{host}", isActive, expires, [FeatureTags.Im]);

    private SendRequest Called() => _serving.Arrives(Serving.To()).Single<SendRequest>();

    private Outcome<ServedUser> Answers(int code, params (string, string)[] headers) =>
        _serving.Happens(new ResponseArrived(
            new(Serving.id, "r", "SUBSCRIBE", _serving.State!.Watch!.Dialog!.LocalCSeq, _serving.State.Watch.Dialog.LocalTag),
            new(new(code, "Reason"), SipHeaders.Of(headers), default)));

    private Outcome<ServedUser> Accepts(int seconds = 3600) => Answers(200,
        ("To", "<sip:bob@example.com>;tag=registrar"),
        ("Contact", "<sip:scscf.example.com>"),
        ("Record-Route", "<sip:theirs.example.net;lr>, <sip:ours.example.com;lr>"),
        ("Expires", $"{seconds}"));

    private Outcome<ServedUser> Tells(bool isFull, params ImmutableArray<ContactInfo> contacts) =>
        Tells(new RegistrationInfo(++_version, isFull, [new(bob.Text, true, contacts)]));

    private Outcome<ServedUser> Tells(RegistrationInfo? info, string state = "active", string? reason = null) =>
        _serving.Arrives(Notify(info, state, reason));

    private NotifyRequest Notify(RegistrationInfo? info, string state = "active", string? reason = null)
    {
        var dialog = _serving.State?.Watch?.Dialog;
        var head = Head("NOTIFY", carol, Uri($"sip:{Serving.id}@im.example.com")) with
        {
            From = new(bob, null, ";tag=registrar"),
            To = new(factory, null, ";tag=" + dialog?.LocalTag),
            CallId = dialog?.CallId ?? "none",
            CSeq = ++_cseq,
            Contact = Address("<sip:scscf.example.com>"),
        };
        return new(head) { Event = "reg", State = state, Reason = reason, Registration = info };
    }

    private bool GetsThrough() => _serving.Arrives(Serving.To()).Effects.Any(effect => effect is PassOn);

    /// <summary>Watched, and at one place.</summary>
    private void Settle()
    {
        Called();
        Accepts();
        Tells(isFull: true, Contact("192.0.2.1"));
    }

    [Fact]
    public void Who_is_called_is_asked_for_and_the_call_goes_on_meanwhile()
    {
        var outcome = _serving.Arrives(Serving.To());

        Assert.Equal(SessionCase.Terminating, outcome.Single<PassOn>().Passed);
        var request = outcome.Single<SendRequest>().Request;
        Assert.Equal(("SUBSCRIBE", 1L, bob.Text), (request.Method, request.CSeq, request.Uri.Text));
        Assert.Equal(("reg", "3600"), (request.Headers.First("Event"), request.Headers.First("Expires")));
        Assert.Equal(RegistrationInfoXml.MediaType, request.Headers.First("Accept"));
        Assert.Equal($"<sip:{Serving.id}@im.example.com>", request.Headers.First("Contact"));
        Assert.Single(_serving.Arrives(Serving.To()).Effects);
    }

    [Fact]
    public void Calls_to_users_who_are_nowhere_do_not_fill_the_places_of_others()
    {
        _serving.AbsentOfNode = _serving.Participating.MaxServedUsers / 10;

        Assert.IsType<PassOn>(Assert.Single(_serving.Arrives(Serving.To()).Effects));
        Assert.Null(_serving.State);
    }

    [Fact]
    public void Once_all_is_told_it_counts()
    {
        Called();
        Accepts();
        Assert.True(GetsThrough());

        Tells(isFull: true);
        Assert.False(GetsThrough());

        Tells(isFull: false, Contact("192.0.2.1"));
        Assert.True(GetsThrough());
        Tells(isFull: false, Contact("192.0.2.1", isActive: false));
        Assert.False(GetsThrough());
    }

    [Fact]
    public void What_a_full_document_does_not_name_is_gone()
    {
        Settle();

        Tells(isFull: true, Contact("192.0.2.2"));

        Assert.Equal(
            ["sip:bob@192.0.2.2"],
            _serving.State!.Contacts.Where(each => !each.IsGone).Select(each => each.Contact));
    }

    [Fact]
    public void A_registration_that_has_ended_takes_all_contacts_with_it()
    {
        Settle();

        Tells(new RegistrationInfo(++_version, false, [new(bob.Text, false, [Contact("192.0.2.1")])]));

        Assert.False(GetsThrough());
    }

    [Fact]
    public void Addresses_of_others_say_nothing_of_him()
    {
        Settle();

        Tells(new RegistrationInfo(++_version, false, [new(alice.Text, true, [Contact("192.0.2.9")])]));

        Assert.Single(_serving.State!.Contacts);
    }

    [Fact]
    public void A_document_that_was_lost_has_everything_told_anew()
    {
        Settle();
        _version++;

        var refresh = Tells(isFull: false, Contact("192.0.2.2")).Single<SendRequest>().Request;

        Assert.Equal((2L, "registrar"), (refresh.CSeq, refresh.ToTag));
        Assert.Equal("sip:scscf.example.com", refresh.Uri.Text);
        Assert.Single(_serving.State!.Contacts);
        Accepts();
        Tells(isFull: true, Contact("192.0.2.2"));
        Assert.Equal(_version, _serving.State.Watch!.Version);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3000)]
    public void What_a_notify_says_of_the_time_left_puts_no_refresh_off(int? left)
    {
        Settle();
        _version++;

        var lost = _serving.Arrives(Notify(new(++_version, false, [])) with { Expires = left });

        Assert.Equal("SUBSCRIBE", lost.Single<SendRequest>().Request.Method);
    }

    [Fact]
    public void However_often_it_tells_the_refresh_is_not_put_off()
    {
        Settle();
        var due = _serving.Now.AddSeconds(2700);

        for (var left = 3500; left > 900; left -= 100)
        {
            _serving.Now = due.AddSeconds(900 - left);
            _serving.Arrives(Notify(null) with { Expires = left });
        }

        Assert.Equal(due, _serving.State!.Watch!.Dialog!.RefreshAt);
        _serving.Arrives(Notify(null) with { Expires = 100 });
        Assert.Equal(_serving.Now.AddSeconds(75), _serving.State.Watch.Dialog.RefreshAt);
    }

    [Fact]
    public void A_registrar_that_never_tells_all_is_not_asked_all_the_time()
    {
        Settle();
        _version++;
        Tells(isFull: false);
        Accepts();

        Assert.IsType<Respond>(Assert.Single(Tells(isFull: false).Effects));

        Assert.True(GetsThrough());
    }

    [Fact]
    public void Who_is_gone_when_it_would_be_refreshed_is_not_looked_after_again_and_again()
    {
        Settle();
        _serving.Elapses(TimeSpan.FromSeconds(500));
        _serving.Now += TimeSpan.FromSeconds(2190);
        Tells(isFull: true, Contact("192.0.2.1", expires: 1700));
        Tells(isFull: true);

        Assert.Empty(_serving.Elapses(TimeSpan.FromSeconds(20)).Effects);

        Assert.True(ServedUserMachine.NextDue(_serving.State!) > _serving.Now);
    }

    [Fact]
    public void An_older_document_changes_nothing()
    {
        Settle();
        _version = 0;

        Assert.Equal(SipStatus.Ok, Tells(isFull: true).Single<Respond>().Status);

        Assert.True(GetsThrough());
    }

    [Fact]
    public void A_registrar_that_does_not_count_its_documents_is_heard_all_the_same()
    {
        Called();
        Accepts();
        TellsUncounted(isFull: true, Contact("192.0.2.1"));
        TellsUncounted(isFull: true, Contact("192.0.2.1", isActive: false));
        Assert.False(GetsThrough());

        TellsUncounted(isFull: true, Contact("192.0.2.2"));
        Assert.True(GetsThrough());

        // A part that is not counted may be of any time.
        TellsUncounted(isFull: false, Contact("192.0.2.2", isActive: false));
        Assert.True(GetsThrough());

        void TellsUncounted(bool isFull, params ImmutableArray<ContactInfo> contacts) =>
            Tells(new RegistrationInfo(0, isFull, [new(bob.Text, true, contacts)]));
    }

    [Fact]
    public void As_long_as_he_is_somewhere_it_is_refreshed_and_then_left_to_end()
    {
        Called();
        Accepts(1000);
        Tells(isFull: true, Contact("192.0.2.1", expires: 1700));
        Assert.Equal(_serving.Now.AddSeconds(750), ServedUserMachine.NextDue(_serving.State!));

        Assert.Equal(2, _serving.Elapses(TimeSpan.FromSeconds(750)).Single<SendRequest>().Request.CSeq);
        Accepts(1000);
        Tells(isFull: true);
        Assert.Empty(_serving.Elapses(TimeSpan.FromSeconds(750)).Effects);

        _serving.Elapses(TimeSpan.FromSeconds(250));
        Assert.Null(_serving.State);
    }

    [Fact, Trait("Spec", "IM D.2/A1")]
    public void As_long_as_something_may_be_kept_for_him_it_is_refreshed_too()
    {
        _serving.Deferred = Pushing.deferred with { KeepFor = TimeSpan.FromSeconds(1600) };
        Called();
        Accepts(1000);
        Tells(isFull: true);
        _serving.Happens(new DeferralSettled("t", Deferral.Kept));
        var kept = _serving.State;
        _serving.Happens(new DeferralSettled("t", Deferral.Kept));
        Assert.Same(kept, _serving.State);

        _serving.Elapses(TimeSpan.FromSeconds(750)).Single<SendRequest>();
        Answers(481).Single<SendRequest>();
        Accepts(1000);
        _version = 0;
        var push = Assert.Single(Tells(isFull: true, Contact("192.0.2.1", expires: 60)).Effects.OfType<Tell>());
        Assert.IsType<PushWanted>(push.Happened);

        Tells(isFull: true);
        _serving.Elapses(TimeSpan.FromSeconds(750)).Single<SendRequest>();
        Accepts(1000);
        Tells(isFull: true);
        Assert.Empty(_serving.Elapses(TimeSpan.FromSeconds(750)).Effects);
        Assert.True(ServedUserMachine.NextDue(_serving.State!) > _serving.Now);
        _serving.Elapses(TimeSpan.FromSeconds(250));
        Assert.Null(_serving.State);
    }

    [Fact]
    public void Who_must_not_watch_does_not_ask_again_and_again()
    {
        Called();
        Answers(403);
        Assert.True(GetsThrough());
        Assert.Equal(_serving.Now.AddHours(1), ServedUserMachine.NextDue(_serving.State!));

        Assert.Empty(_serving.Elapses(TimeSpan.FromHours(1)).Effects);

        Assert.Null(_serving.State);
    }

    [Fact]
    public void A_registrar_that_says_when_is_asked_then_if_he_is_somewhere()
    {
        Settle();
        Tells(null, "terminated", "probation");
        Assert.Null(_serving.State!.Watch!.Dialog);

        var again = _serving.Elapses(TimeSpan.FromSeconds(10)).Single<SendRequest>().Request;

        Assert.Equal((1L, "", bob.Text), (again.CSeq, again.ToTag, again.Uri.Text));
    }

    [Fact]
    public void Nobody_answering_is_no_answer()
    {
        Called();
        var due = ServedUserMachine.NextDue(_serving.State!);

        _serving.Elapses(due!.Value - _serving.Now);

        Assert.Equal(1, _serving.State!.Watch!.Failures);
        Assert.True(GetsThrough());
    }

    [Fact]
    public void A_longer_duration_that_is_asked_for_is_given()
    {
        Called();

        var longer = Answers(423, ("Min-Expires", "7200")).Single<SendRequest>().Request;

        Assert.Equal("7200", longer.Headers.First("Expires"));
    }

    [Fact]
    public void After_a_restart_everything_is_told_anew()
    {
        Settle();

        Assert.Equal(2, _serving.Happens(new NodeStarted()).Single<SendRequest>().Request.CSeq);

        Assert.True(GetsThrough());
        Assert.Equal(3, _serving.Happens(new LinkRestarted()).Single<SendRequest>().Request.CSeq);
    }

    [Fact]
    public void A_notify_of_no_dialog_of_ours_is_refused()
    {
        Settle();
        var before = _serving.State;
        var good = Notify(new(++_version, true, []));

        foreach (var bad in (NotifyRequest[])
        [
            good.WithHead(head => head with { CallId = "another" }),
            good.WithHead(head => head with { From = new(bob, null, ";tag=another") }),
            good with { Event = "presence" },
        ])
            Assert.Equal(481, _serving.Arrives(bad).Single<Respond>().Status.Code);
        Assert.Equal(
            500, _serving.Arrives(good.WithHead(head => head with { CSeq = 1 })).Single<Respond>().Status.Code);
        Assert.Same(before, _serving.State);
    }

    [Fact]
    public void Who_is_refused_makes_nobody_ask()
    {
        _serving.AccessRules = Serving.RulesOf("", carol.Text);

        _serving.Arrives(Serving.To());

        Assert.Null(_serving.State);
    }

    [Fact]
    public void Watching_ends_when_the_operator_has_it_otherwise()
    {
        Settle();
        _serving.Participating = Serving.participating;

        _serving.Happens(new NodeStarted());

        Assert.Null(_serving.State!.Watch);
    }
}
