using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests.Documents;

/// <summary>RFC 6665 4.1 and RFC 5875 4: when we subscribe, refresh, name other documents and end it.</summary>
public class DocumentWatchMachineTests
{
    public static TheoryData<string> Requests => [.. Cases.Of(typeof(ImRequest)).Select(type => type.Name)];

    public static TheoryData<string> Events => [.. Cases.Of(typeof(AggregateEvent)).Select(type => type.Name)];

    private static ImRequest RequestOf(string name) => name switch
    {
        nameof(InviteRequest) => Invite(alice, bob),
        nameof(ReinviteRequest) => new ReinviteRequest(Head("INVITE", alice, alice)),
        nameof(ByeRequest) => new ByeRequest(Head("BYE", alice, alice)),
        nameof(SubscribeRequest) => Watcher.Asks(),
        nameof(NotifyRequest) => new Watching().Notify("active"),
        nameof(DepositRequest) => new DepositRequest(Head("INVITE", alice, bob)) { Recipient = bob },
        nameof(OptionsRequest) => new OptionsRequest(Head("OPTIONS", alice, alice)),
        nameof(MessageRequest) => new MessageRequest(Head("MESSAGE", alice, alice)),
        _ => new UnsupportedRequest(Head("PUBLISH", alice, alice)),
    };

    private static AggregateEvent EventOf(string name) => name switch
    {
        nameof(RequestArrived) => new RequestArrived(RequestOf("BYE")),
        nameof(InviteCancelled) => new InviteCancelled("t"),
        nameof(InviteAcknowledged) => new InviteAcknowledged("t", default, default),
        nameof(AckTimedOut) => new AckTimedOut("t", default),
        nameof(RequestTransactionEnded) => new RequestTransactionEnded("t", 408),
        nameof(ResponseArrived) =>
            new ResponseArrived(new(Watching.id, "w", "SUBSCRIBE", 1), new(SipStatus.Ok, SipHeaders.Empty, default)),
        nameof(TimeElapsed) => new TimeElapsed(),
        nameof(LegConnected) => new LegConnected("session"),
        nameof(LegLost) => new LegLost("session"),
        nameof(NicknameAsked) => new NicknameAsked("session", "t", "Snowcat"),
        nameof(NodeStarted) => new NodeStarted(),
        nameof(LinkRestarted) => new LinkRestarted(),
        nameof(GroupChanged) => new GroupChanged(),
        nameof(ReleaseOrdered) => new ReleaseOrdered(""),
        nameof(ExpulsionOrdered) => new ExpulsionOrdered(bob, ""),
        nameof(DocumentsChanged) => new DocumentsChanged(),
        nameof(DocumentsWanted) => new DocumentsWanted([Watching.ski]),
        nameof(RegistrationChanged) =>
            new RegistrationChanged(alice, new(RegistrationSource.Registrar, [new("sip:a@b", [], 60)], "c", 1)),
        nameof(ServiceSettingsChanged) => new ServiceSettingsChanged(alice, new() { IsActive = false }),
        nameof(DeferralSettled) => new DeferralSettled("t", Deferral.Kept),
        nameof(MessagesWait) => new MessagesWait(),
        nameof(PushWanted) => new PushWanted(alice),
        nameof(DeliveryEnded) => new DeliveryEnded("session", DeliveryOutcome.Drained),
        nameof(DeferredRemoved) => new DeferredRemoved([1]),
        nameof(NoticeWanted) => new NoticeWanted(
            new(1, DeferredEnd.Delivered, alice, bob, new("m", "", true, true), start)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A new case wants a line here"),
    };

    [Theory, MemberData(nameof(Requests))]
    public void Each_kind_of_request_is_answered_with_and_without_a_watch(string name)
    {
        foreach (var watching in (Watching[])[Watching.Settled(Watching.ski), new Watching()])
            Assert.Single(watching.Happens(new RequestArrived(RequestOf(name))).Effects.OfType<Respond>());
    }

    [Theory, MemberData(nameof(Events))]
    public void Each_kind_of_event_goes_through_the_door_with_and_without_a_watch(string name)
    {
        Assert.NotNull(Watching.Settled(Watching.ski).Happens(EventOf(name)).Next);
        Assert.Equal(name == nameof(DocumentsWanted), new Watching().Happens(EventOf(name)).Next is not null);
    }

    [Fact]
    public void Documents_in_use_are_subscribed_to_by_their_uris()
    {
        var subscribe = new Watching().Happens(new DocumentsWanted([Watching.ski, Watching.chess]))
            .Single<SendRequest>();

        var request = subscribe.Request;
        Assert.Equal(("SUBSCRIBE", 1L, ""), (request.Method, request.CSeq, request.ToTag));
        Assert.Equal("sip:xcap-diff@xdms.example.net", request.Uri.Text);
        Assert.Equal("<sip:xcap-diff@xdms.example.net>", request.To);
        Assert.Equal("<sip:conf-factory@im.example.com>", request.From);
        Assert.Equal("<sip:conf-factory@im.example.com>", request.Headers.First("P-Asserted-Identity"));
        Assert.Equal("<sip:xw-abc@im.example.com>", request.Headers.First("Contact"));
        Assert.Equal("xcap-diff;diff-processing=no-patching", request.Headers.First("Event"));
        Assert.Equal("application/xcap-diff+xml", request.Headers.First("Accept"));
        Assert.Equal("3600", request.Headers.First("Expires"));
        Assert.Equal(
            [
                "org.openmobilealliance.groups/global/byGroupID/sip:ski@groups.example.com",
                "org.openmobilealliance.groups/global/byGroupID/sip:chess@groups.example.com",
            ],
            Watching.NamesIn(subscribe));
    }

    [Fact]
    public void An_xdms_that_calls_the_folder_of_groups_otherwise_is_understood()
    {
        var watching = new Watching();
        watching.Facts = watching.Facts! with { GroupFolder = "byGroup/" };
        var subscribe = watching.Happens(new DocumentsWanted([Watching.ski])).Single<SendRequest>();
        Assert.Equal(
            "org.openmobilealliance.groups/global/byGroup/sip:ski@groups.example.com",
            Assert.Single(Watching.NamesIn(subscribe)));
        watching.Accepts();

        var notify = watching.Notify("active");
        watching.Happens(new RequestArrived(notify with
        {
            Diff = notify.Diff! with { Documents = [new(Watching.NamesIn(subscribe)[0], null, "1")] },
        }));

        Assert.True(watching.State!.IsWatching(Watching.ski));
    }

    [Fact]
    public void Nothing_in_use_or_nobody_to_ask_makes_no_subscription()
    {
        Assert.Empty(new Watching().Happens(new DocumentsWanted([])).Effects);
        var nobody = new Watching { Facts = null };
        Assert.Empty(nobody.Happens(new DocumentsWanted([Watching.ski])).Effects);
        Assert.Null(nobody.State);
    }

    [Fact]
    public void A_subscription_is_refreshed_within_its_dialog_before_it_expires()
    {
        var watching = Watching.Settled(Watching.ski);
        Assert.Equal(watching.Now + TimeSpan.FromMinutes(45), DocumentWatchMachine.NextDue(watching.State!));

        var refresh = watching.Elapses(TimeSpan.FromMinutes(45)).Single<SendRequest>().Request;

        Assert.Equal((2L, "notifier"), (refresh.CSeq, refresh.ToTag));
        Assert.Equal("sip:subscription@xdms.example.net", refresh.Uri.Text);
        Assert.Equal(
            ["<sip:ours.example.com;lr>", "<sip:theirs.example.net;lr>"], refresh.Headers.Values("Route"));
        watching.Accepts();
        Assert.Equal(watching.Now + TimeSpan.FromMinutes(45), DocumentWatchMachine.NextDue(watching.State!));
    }

    [Fact]
    public void A_notify_before_the_answer_makes_the_dialog_too()
    {
        var watching = new Watching();
        watching.Happens(new DocumentsWanted([Watching.ski]));

        Assert.Equal(SipStatus.Ok, watching.Tells("active;expires=600", (Watching.ski, "1")).Single<Respond>().Status);
        watching.Accepts(600);

        Assert.True(watching.State!.IsWatching(Watching.ski));
        Assert.Equal("notifier", watching.State.Dialog!.RemoteTag);
    }

    [Fact]
    public void More_documents_in_use_are_named_together_in_the_dialog()
    {
        var watching = Watching.Settled(Watching.ski);

        Assert.Empty(watching.Happens(new DocumentsWanted([Watching.chess, Watching.ski])).Effects);
        Assert.Equal(start + policy.NotifyInterval, DocumentWatchMachine.NextDue(watching.State!));
        var subscribe = watching.Elapses(policy.NotifyInterval).Single<SendRequest>();

        Assert.Equal(("notifier", 2), (subscribe.Request.ToTag, Watching.NamesIn(subscribe).Length));
        Assert.Empty(watching.Happens(new DocumentsWanted([Watching.ski, Watching.chess])).Effects);
    }

    [Fact]
    public void Fewer_documents_in_use_wait_for_the_refresh()
    {
        var watching = Watching.Settled(Watching.ski, Watching.chess);

        Assert.Empty(watching.Happens(new DocumentsWanted([Watching.chess])).Effects);
        Assert.Empty(watching.Elapses(policy.NotifyInterval).Effects);

        var refresh = watching.Elapses(TimeSpan.FromMinutes(45)).Single<SendRequest>();
        Assert.EndsWith("chess@groups.example.com", Assert.Single(Watching.NamesIn(refresh)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_is_bounded_and_who_is_in_it_stays()
    {
        var watching = Watching.Settled(Watching.ski);
        var many = Enumerable.Range(0, 1000).Select(i => DocumentSelector.OfGroup($"sip:g{i}@groups.example.com"));
        watching.Happens(new DocumentsWanted([.. many, Watching.ski]));

        var names = Watching.NamesIn(watching.Elapses(policy.NotifyInterval).Single<SendRequest>());

        Assert.Equal(DocumentWatch.MaxDocuments, names.Length);
        Assert.EndsWith("ski@groups.example.com", names[0], StringComparison.Ordinal);
        watching.Accepts();
        Assert.Empty(watching.Elapses(policy.NotifyInterval).Effects);
    }

    [Fact]
    public void When_nothing_is_in_use_any_more_the_subscription_is_ended()
    {
        var watching = Watching.Settled(Watching.ski);

        var last = watching.Happens(new DocumentsWanted([])).Single<SendRequest>().Request;

        Assert.Equal(("0", true), (last.Headers.First("Expires"), last.Body.IsEmpty));
        Assert.False(watching.State!.IsWatching(Watching.ski));
        Assert.Null(watching.Accepts(0).Next);
    }

    [Fact]
    public void What_is_in_use_again_before_the_end_is_answered_begins_anew()
    {
        var watching = Watching.Settled(Watching.ski);
        watching.Happens(new DocumentsWanted([]));
        watching.Happens(new DocumentsWanted([Watching.chess]));

        var again = watching.Answers(481).Single<SendRequest>().Request;

        Assert.Equal(("", 1L), (again.ToTag, again.CSeq));
    }

    [Fact]
    public void After_our_restart_everything_is_to_be_told_again()
    {
        var watching = Watching.Settled(Watching.ski);

        var refresh = watching.Happens(new NodeStarted()).Single<SendRequest>().Request;

        Assert.Equal("notifier", refresh.ToTag);
        Assert.False(watching.State!.IsWatching(Watching.ski));
        watching.Accepts();
        watching.Tells("active;expires=3600", (Watching.ski, "2"));
        Assert.True(watching.State!.IsWatching(Watching.ski));
    }

    [Fact]
    public void After_our_restart_a_subscribe_under_way_goes_again_in_a_new_dialog()
    {
        var starting = new Watching();
        var first = starting.Happens(new DocumentsWanted([Watching.ski])).Single<SendRequest>().Request;

        var again = starting.Happens(new NodeStarted()).Single<SendRequest>().Request;

        Assert.NotEqual((first.CallId, first.FromTag), (again.CallId, again.FromTag));
        Assert.Equal(1, again.CSeq);
    }

    [Fact]
    public void A_restart_of_the_link_loses_a_subscribe_under_way_and_it_goes_again()
    {
        var starting = new Watching();
        var first = starting.Happens(new DocumentsWanted([Watching.ski])).Single<SendRequest>().Request;
        var again = starting.Happens(new LinkRestarted()).Single<SendRequest>().Request;
        Assert.NotEqual(first.CallId, again.CallId);

        var refreshing = Watching.Settled(Watching.ski);
        refreshing.Elapses(TimeSpan.FromMinutes(45));
        Assert.Equal(3, refreshing.Happens(new LinkRestarted()).Single<SendRequest>().Request.CSeq);

        var ending = Watching.Settled(Watching.ski);
        ending.Happens(new DocumentsWanted([]));
        Assert.Null(ending.Happens(new LinkRestarted()).Next);

        Assert.Empty(Watching.Settled(Watching.ski).Happens(new LinkRestarted()).Effects);
    }

    [Fact]
    public void Of_another_configuration_nothing_is_left()
    {
        var watching = Watching.Settled(Watching.ski);
        watching.Facts = null;

        Assert.Null(watching.Happens(new NodeStarted()).Next);
    }
}
