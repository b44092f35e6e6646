using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests.Documents;

/// <summary>RFC 5875 4: who may subscribe to what, and what he is answered.</summary>
public class SubscribeDocumentsTests
{
    private static void AssertRefused(Watcher watcher, SubscribeRequest request, SipStatus status, string warning)
    {
        var before = watcher.State;
        var response = Assert.IsType<Respond>(Assert.Single(watcher.Arrives(request).Effects));

        Assert.Equal((status, warning), (response.Status, response.Warning));
        Assert.Same(before, watcher.State);
    }

    [Fact]
    public void A_user_who_names_nothing_watches_all_his_documents()
    {
        var watcher = new Watcher();

        var outcome = watcher.Arrives(Watcher.Asks());

        var response = outcome.Single<Respond>();
        Assert.Equal(SipStatus.Ok, response.Status);
        Assert.Equal("3600", response.Headers.First("Expires"));
        Assert.Equal("<sip:xd-abc@im.example.com>", response.Headers.First("Contact"));
        Assert.True(response.RecordRoute);
        Assert.Equal(
            [
                new("org.openmobilealliance.access-rules/users/sip:alice@example.com/access-rules", null, "r1"),
                new DocumentDiff("resource-lists/users/sip:alice@example.com/index", null, "l1"),
            ],
            Watcher.DiffOf(outcome));
        Assert.Equal(1, watcher.State!.Revision);
    }

    [Fact]
    public void The_notify_goes_to_the_contact_within_the_dialog()
    {
        var notify = new Watcher().Arrives(Watcher.Asks()).Single<SendRequest>();

        Assert.Equal(new(Watcher.id, "s", "NOTIFY", 1), notify.Key);
        Assert.Equal("sip:alice@192.0.2.10:5060;transport=tcp", notify.Request.Uri.Text);
        Assert.Equal(("local-alice", "from-alice"), (notify.Request.FromTag, notify.Request.ToTag));
        Assert.Equal("xcap-diff", notify.Request.Headers.First("Event"));
        Assert.Equal("active;expires=3600", notify.Request.Headers.First("Subscription-State"));
        Assert.Equal("<sip:xd-abc@im.example.com>", notify.Request.Headers.First("Contact"));
        Assert.Equal("<sip:edge.example.com;lr>", notify.Request.Headers.First("Route"));
    }

    [Fact, Trait("Spec", "RFC 6446 4.3")]
    public void Who_wants_to_be_told_seldom_is_and_nothing_is_repeated_to_him()
    {
        var asking = Watcher.Asks() with
        {
            MaxRate = new(TimeSpan.FromSeconds(20)),
            MinRate = new(TimeSpan.FromSeconds(90)),
        };
        var watcher = new Watcher();

        var notify = watcher.Arrives(asking).Single<SendRequest>();

        Assert.Equal("active;expires=3600;max-rate=0.05", notify.Request.Headers.First("Subscription-State"));
        Assert.Equal(start + TimeSpan.FromSeconds(20), watcher.State!.Subscription.NotBefore);
        Assert.Null(watcher.State.Subscription.RepeatAt);
    }

    [Fact]
    public void Who_asks_by_another_name_or_way_of_processing_is_answered_in_kind()
    {
        var oma = Watcher.Asks().With("Accept", "application/xcap-diff+xml") with { Event = "ua-profile" };
        var patching = Watcher.Asks() with { EventId = "7", DiffProcessing = "aggregate" };

        Assert.Equal("ua-profile", Event(oma));
        Assert.Equal("xcap-diff;diff-processing=no-patching;id=7", Event(patching));

        static string? Event(SubscribeRequest request) =>
            new Watcher().Arrives(request).Single<SendRequest>().Request.Headers.First("Event");
    }

    [Fact]
    public void A_user_who_names_documents_watches_those()
    {
        var outcome = new Watcher().Arrives(
            Watcher.Asks(documents: "resource-lists/users/sip:alice@example.com/"));

        Assert.Equal("l1", Assert.Single(Watcher.DiffOf(outcome)).NewETag);
    }

    [Fact]
    public void A_document_that_does_not_exist_yet_is_watched_and_not_shown()
    {
        var watcher = new Watcher();

        var outcome = watcher.Arrives(Watcher.Asks(documents: "resource-lists/users/sip:alice@example.com/other"));

        Assert.Empty(Watcher.DiffOf(outcome));
        Assert.Single(watcher.State!.Targets);
    }

    [Fact]
    public void What_others_own_is_left_out()
    {
        var watcher = new Watcher();

        var outcome = watcher.Arrives(Watcher.Asks(
            documents:
            [
                "resource-lists/users/sip:bob@example.com/index",
                "resource-lists/users/sip:alice@example.com/index",
            ]));

        Assert.Equal("l1", Assert.Single(Watcher.DiffOf(outcome)).NewETag);
        Assert.Single(watcher.State!.Targets);
    }

    [Theory]
    [InlineData("resource-lists/users/sip:bob@example.com/index")]
    [InlineData("org.openmobilealliance.groups/users/sip:bob@example.com/")]
    [InlineData("org.openmobilealliance.groups/global/byGroupID/sip:ski@groups.example.com")]
    public void Who_may_read_none_of_it_gets_403_with_a_warning(string document) =>
        AssertRefused(
            new Watcher(), Watcher.Asks(documents: document), SipStatus.Forbidden, "No document that you may read");

    [Fact]
    public void A_group_is_watched_by_its_uri_by_its_owner_and_by_readers()
    {
        var ski = DocumentSelector.OfGroup("sip:ski@groups.example.com");
        var asked = "org.openmobilealliance.groups/global/byGroupID/sip:ski@groups.example.com";
        var owner = new Watcher();
        owner.Facts = owner.Facts with { Known = [new(ski, "g1", alice.AddressKey)] };
        var reader = new Watcher();
        reader.Facts = reader.Facts with { Known = [new(ski, "g1", bob.AddressKey)], MayLookUpGroups = true };

        foreach (var watcher in (Watcher[])[owner, reader])
            Assert.Equal(
                new(asked, null, "g1"),
                Assert.Single(Watcher.DiffOf(watcher.Arrives(Watcher.Asks(documents: asked)))));
    }

    [Fact]
    public void A_reader_looks_groups_up_and_reads_nothing_else()
    {
        var watcher = new Watcher();
        watcher.Facts = watcher.Facts with { MayLookUpGroups = true };

        string[] others =
        [
            "resource-lists/users/sip:bob@example.com/index",
            "org.openmobilealliance.groups/users/sip:bob@example.com/",
        ];
        foreach (var document in others)
            AssertRefused(
                watcher, Watcher.Asks(documents: document), SipStatus.Forbidden, "No document that you may read");
    }

    [Fact]
    public void An_administrator_reads_everything()
    {
        var watcher = new Watcher();
        watcher.Facts = watcher.Facts with { IsAdministrator = true };

        var outcome = watcher.Arrives(Watcher.Asks(documents: "resource-lists/users/sip:bob@example.com/index"));

        Assert.Equal("b1", Assert.Single(Watcher.DiffOf(outcome)).NewETag);
    }

    [Fact]
    public void A_user_nobody_vouches_for_gets_403() =>
        AssertRefused(
            new Watcher(), Watcher.Asks().WithHead(head => head with { Identities = [] }),
            SipStatus.Forbidden, "Originator not authenticated");

    [Fact]
    public void A_barred_user_gets_403() =>
        AssertRefused(
            new Watcher(), Watcher.Asks(from: mallory), SipStatus.Forbidden, "User is barred from the IM service");

    [Fact]
    public void Who_does_not_take_our_format_gets_406()
    {
        AssertRefused(
            new Watcher(), Watcher.Asks().With("Accept", "application/pidf+xml"),
            SipStatus.NotAcceptable, "Only application/xcap-diff+xml is told");
        Assert.NotNull(new Watcher().Arrives(Watcher.Asks().With("Accept", "text/plain, application/*;q=0.1")).Next);
    }

    [Fact]
    public void Without_a_contact_400() =>
        AssertRefused(
            new Watcher(), Watcher.Asks().WithHead(head => head with { Contact = null }),
            SipStatus.BadRequest, "Contact is missing");

    [Fact]
    public void A_short_subscription_gets_423_and_the_least()
    {
        var response = new Watcher().Arrives(Watcher.Asks(expires: 10)).Single<Respond>();

        Assert.Equal((SipStatus.IntervalTooBrief, "60"), (response.Status, response.Headers.First("Min-Expires")));
    }

    [Fact]
    public void Another_package_gets_489()
    {
        var response = new Watcher().Arrives(Watcher.Asks() with { Event = "presence" }).Single<Respond>();

        Assert.Equal(SipStatus.BadEvent, response.Status);
        Assert.NotNull(response.Headers.First("Allow-Events"));
    }

    [Fact]
    public void Where_another_server_has_the_documents_489()
    {
        var watcher = new Watcher();
        watcher.Facts = watcher.Facts with { AreOurs = false, Known = [] };

        AssertRefused(watcher, Watcher.Asks(), SipStatus.BadEvent, "No subscription to documents here");
    }

    [Theory]
    [InlineData(10, 10), InlineData(0, 10_000)]
    public void Too_many_subscriptions_of_a_user_or_on_the_node_get_403(int ofUser, int ofNode)
    {
        var watcher = new Watcher();
        watcher.Facts = watcher.Facts with { OfSubscriber = ofUser, OfNode = ofNode };

        AssertRefused(watcher, Watcher.Asks(), SipStatus.Forbidden, "Too many subscriptions");
    }

    [Fact]
    public void When_the_documents_cannot_be_read_503()
    {
        var watcher = new Watcher();
        watcher.Facts = watcher.Facts with { Known = null };

        AssertRefused(watcher, Watcher.Asks(), SipStatus.ServiceUnavailable, "Documents cannot be read now");
    }

    [Fact]
    public void The_same_subscribe_once_more_makes_no_second_subscription()
    {
        var watcher = Watcher.Settled();

        var outcome = watcher.Arrives(Watcher.Asks());

        Assert.Equal(SipStatus.Ok, outcome.Single<Respond>().Status);
        Assert.Equal(2, outcome.Single<SendRequest>().Key.CSeq);
        AssertRefused(watcher, Watcher.Asks(from: alice).WithHead(head => head with { Identities = [new(bob)] }),
            SipStatus.NoSuchDialog, "Dialog does not exist");
    }

    [Fact]
    public void A_refresh_prolongs_and_tells_everything_again()
    {
        var watcher = Watcher.Settled();
        watcher.Now += TimeSpan.FromMinutes(50);

        var outcome = watcher.Arrives(watcher.Refreshes(expires: 600));

        Assert.Equal("600", outcome.Single<Respond>().Headers.First("Expires"));
        Assert.False(outcome.Single<Respond>().RecordRoute);
        Assert.Equal(2, Watcher.DiffOf(outcome).Length);
        Assert.Equal("active;expires=600", outcome.Single<SendRequest>().Request.Headers.First("Subscription-State"));
    }

    [Fact]
    public void A_refresh_may_name_other_documents()
    {
        var watcher = Watcher.Settled();

        var outcome = watcher.Arrives(watcher.Refreshes(documents: "resource-lists/users/sip:alice@example.com/index"));

        Assert.Equal("l1", Assert.Single(Watcher.DiffOf(outcome)).NewETag);
    }

    [Fact]
    public void A_refresh_that_names_only_what_is_not_his_leaves_the_subscription_as_it_was()
    {
        var watcher = Watcher.Settled();

        AssertRefused(
            watcher, watcher.Refreshes(documents: "resource-lists/users/sip:bob@example.com/index"),
            SipStatus.Forbidden, "No document that you may read");
        Assert.Equal(2, watcher.State!.Told.Length);
    }

    [Fact]
    public void A_refresh_that_comes_late_or_names_another_dialog_is_refused()
    {
        var watcher = Watcher.Settled();

        AssertRefused(watcher, watcher.Refreshes(cseq: 1),
            SipStatus.ServerInternalError, "CSeq is lower than that of an earlier request");
        AssertRefused(watcher, watcher.Refreshes() with { EventId = "other" },
            SipStatus.NoSuchDialog, "Dialog does not exist");
        AssertRefused(watcher, watcher.Refreshes() with { Event = "ua-profile" },
            SipStatus.NoSuchDialog, "Dialog does not exist");
        AssertRefused(watcher, watcher.Refreshes().WithHead(head => head with { CallId = "other" }),
            SipStatus.NoSuchDialog, "Dialog does not exist");
    }

    [Fact]
    public void A_refresh_of_what_is_over_gets_481()
    {
        var watcher = Watcher.Settled();
        var late = watcher.Refreshes(cseq: 9);
        watcher.Arrives(watcher.Refreshes(expires: 0));
        AssertRefused(watcher, late, SipStatus.NoSuchDialog, "Dialog does not exist");

        watcher.Answers(200);
        Assert.Null(watcher.State);
        AssertRefused(watcher, late, SipStatus.NoSuchDialog, "Dialog does not exist");
    }

    [Fact]
    public void Who_unsubscribes_gets_a_last_notify_and_the_subscription_is_gone_with_its_answer()
    {
        var watcher = Watcher.Settled();

        var outcome = watcher.Arrives(watcher.Refreshes(expires: 0));

        Assert.Equal("0", outcome.Single<Respond>().Headers.First("Expires"));
        Assert.Equal(
            "terminated;reason=timeout", outcome.Single<SendRequest>().Request.Headers.First("Subscription-State"));
        Assert.Equal(2, Watcher.DiffOf(outcome).Length);
        Assert.Null(watcher.Answers(200).Next);
    }

    [Fact]
    public void Who_asks_once_gets_one_notify()
    {
        var watcher = new Watcher();

        var outcome = watcher.Arrives(Watcher.Asks(expires: 0));

        Assert.Equal(
            "terminated;reason=timeout", outcome.Single<SendRequest>().Request.Headers.First("Subscription-State"));
        Assert.Equal(2, Watcher.DiffOf(outcome).Length);
        Assert.Null(watcher.Answers(200).Next);
    }

    [Theory]
    [InlineData("xcap-diff", null, true), InlineData("ua-profile", "application/XCAP-diff+xml;q=1", true)]
    [InlineData("ua-profile", null, false), InlineData("ua-profile", "application/pidf+xml", false)]
    [InlineData("presence", "application/xcap-diff+xml", false)]
    public void A_profile_in_another_format_is_not_meant(string package, string? accept, bool isAskedFor)
    {
        var request = Watcher.Asks() with { Event = package };

        Assert.Equal(
            isAskedFor, XcapDiffPackage.IsAskedFor(accept is null ? request : request.With("Accept", accept)));
    }
}
