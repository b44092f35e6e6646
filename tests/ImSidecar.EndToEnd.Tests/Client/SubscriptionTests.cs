using ImSidecar.Client;
using ImSidecar.Client.Blocking;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>RFC 6665 4.1 and RFC 4575 4.6: the subscriber and what it makes of the documents.</summary>
public class SubscriptionTests
{
    [Fact, Trait("Spec", "IM 6.1.2.12/notify-1"), Trait("Spec", "IM 6.1.2.12/notify-2")]
    public async Task Documents_are_merged_and_the_end_is_told()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var subscription = bob.Subscribe("sip:opaque@im.example.com");
        var subscribe = await AcceptAsync(focus, bob);
        await Within(subscription.Answered);
        await NotifyAsync(focus, bob, subscribe, 1, "active;expires=3600", Document("full", 4, ("alice", "connected")));
        var full = await Next(subscription.Notifications);
        await NotifyAsync(focus, bob, subscribe, 2, "active", Document("partial", 5, ("carol", "alerting")));
        var partial = await Next(subscription.Notifications);
        await NotifyAsync(focus, bob, subscribe, 3, "terminated; reason=noresource", null);
        var last = await Within(subscription.Terminated);

        Assert.Equal(ElementState.Full, full.Document!.State);
        Assert.Equal(EndpointStatus.Alerting, partial.StatusOf("sip:carol@example.com"));
        Assert.Equal(2, partial.Roster.Count);
        Assert.Equal(("terminated", "noresource"), (last.State, last.Reason));
        Assert.Empty(bob.Violations);
    }

    [Fact]
    public async Task A_NOTIFY_before_the_200_belongs_to_the_subscription()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var subscription = bob.Subscribe("sip:opaque@im.example.com");
        var subscribe = await focus.NextAsync("SUBSCRIBE");
        await NotifyAsync(focus, bob, subscribe, 1, "active;expires=60", Document("full", 0, ("alice", "connected")));
        var early = await Next(subscription.Notifications);

        Assert.Equal(60, early.Expires);
        Assert.Equal("scripted", subscription.Dialog!.RemoteTag);
    }

    [Fact]
    public async Task A_gap_in_the_versions_is_reported()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var subscription = bob.Subscribe("sip:opaque@im.example.com");
        var subscribe = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, subscribe, 1, "active", Document("full", 1, ("alice", "connected")));
        await NotifyAsync(focus, bob, subscribe, 2, "active", Document("partial", 3, ("carol", "connected")));
        await Next(subscription.Notifications);
        var second = await Next(subscription.Notifications);

        Assert.Equal(ViewOutcome.Gap, second.Outcome);
        Assert.Equal("RFC 4575 4.6", Assert.Single(bob.Violations).Rule);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/term")]
    public async Task Refresh_and_unsubscribe_stay_in_the_dialog()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var subscription = bob.Subscribe("sip:opaque@im.example.com", new() { Seconds = 600 });
        var subscribe = await AcceptAsync(focus, bob);
        await Within(subscription.Answered);
        var refreshing = subscription.RefreshAsync(900);
        var refresh = await AcceptAsync(focus, bob);
        await Within(refreshing);
        var ending = subscription.UnsubscribeAsync();
        var last = await AcceptAsync(focus, bob);
        await Within(ending);

        Assert.Equal(("600", "900", "0"), (subscribe["Expires"], refresh["Expires"], last["Expires"]));
        Assert.Equal((subscribe.CSeq + 1, subscribe.CSeq + 2), (refresh.CSeq, last.CSeq));
        Assert.Equal("scripted", refresh.ToTag);
        Assert.Equal($"sip:peer@{focus.Local}", refresh.RequestUri);
    }

    [Fact]
    public async Task A_refusal_is_the_answer()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var subscription = bob.Subscribe("sip:opaque@im.example.com");
        await focus.SendAsync(ScriptedPeer.Respond(await focus.NextAsync("SUBSCRIBE"), 403), bob);

        Assert.Equal(403, (await Within(subscription.Answered)).Status);
    }

    [Fact]
    public async Task A_NOTIFY_may_be_refused_or_left_without_an_answer()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);
        var statuses = new Queue<int>([0, 481]);

        bob.Subscribe("sip:opaque@im.example.com", new() { Answer = _ => statuses.Dequeue() });
        var subscribe = await AcceptAsync(focus, bob);
        await focus.SendAsync(Notify(bob, subscribe, 1, "active", null), bob);
        await focus.SendAsync(Notify(bob, subscribe, 2, "active", null), bob);

        Assert.Equal(2u, (await focus.ReceiveAsync("481")).CSeq);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/1"), Trait("Spec", "IM 6.1.2.12/2"), Trait("Spec", "IM 6.1.2.12/3")]
    public async Task The_SUBSCRIBE_opens_a_dialog_of_its_own_and_asks_for_the_IM_server()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        bob.Subscribe("sip:skiers@groups.example.com");
        bob.Subscribe("sip:skiers@groups.example.com");
        var first = await focus.NextAsync("SUBSCRIBE");
        var second = await focus.NextAsync("SUBSCRIBE");

        Assert.Equal("sip:skiers@groups.example.com", first.RequestUri);
        Assert.Equal(("conference", ConferenceInfoXml.MediaType), (first["Event"], first["Accept"]));
        Assert.Contains("+g.oma.sip-im", first["Accept-Contact"], StringComparison.Ordinal);
        Assert.Null(first.ToTag);
        Assert.NotEqual(first.CallId, second.CallId);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/ims")]
    public async Task An_IMS_core_says_at_registration_which_way_to_take()
    {
        using var core = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: core.Local);

        var registering = bob.RegisterAsync();
        var register = await core.NextAsync("REGISTER");
        await core.SendAsync(
            ScriptedPeer.Respond(register, 200)
                .Add("Service-Route", "<sip:pcscf.example.com;lr>, <sip:orig@scscf.example.com;lr>"), bob);
        await Within(registering);
        bob.Subscribe("sip:skiers@groups.example.com");
        var subscribe = await core.NextAsync("SUBSCRIBE");

        Assert.Null(register["Route"]);
        Assert.Equal(["<sip:pcscf.example.com;lr>", "<sip:orig@scscf.example.com;lr>"], subscribe.List("Route"));
    }

    [Theory, Trait("Spec", "IM 6.1.2.12/ok-1"), Trait("Spec", "IM 6.1.2.12/resp")]
    [InlineData(200)]
    [InlineData(202)]
    public async Task The_address_of_the_server_is_kept_for_what_follows(int status)
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var subscription = bob.Subscribe("sip:skiers@groups.example.com");
        await AcceptAsync(focus, bob, status);
        var answer = await Within(subscription.Answered);
        _ = subscription.UnsubscribeAsync();

        Assert.Equal(status, answer.Status);
        Assert.Equal($"sip:peer@{focus.Local}", (await focus.NextAsync("SUBSCRIBE")).RequestUri);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-3")]
    public async Task Who_is_blocked_is_marked_when_he_is_there_and_when_he_joins()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);
        bob.Blocked = BlockList.Of("sip:alice@example.com", "sip:carol@example.com");

        var subscription = bob.Subscribe("sip:opaque@im.example.com");
        var subscribe = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, subscribe, 1, "active", Document("full", 1, ("alice", "connected")));
        await NotifyAsync(focus, bob, subscribe, 2, "active", Document("partial", 2, ("carol", "connected")));
        var full = await Next(subscription.Notifications);
        var partial = await Next(subscription.Notifications);

        Assert.Equal((RosterChangeKind.Present, true), Mark(full));
        Assert.Equal((RosterChangeKind.Joined, true), Mark(partial));
        Assert.All(partial.Lines, line => Assert.True(line.IsBlocked));
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-2")]
    public async Task Who_came_and_went_between_two_documents_is_told()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var subscription = bob.Subscribe("sip:opaque@im.example.com");
        var subscribe = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, subscribe, 1, "active", Document("full", 1, ("alice", "connected")));
        await NotifyAsync(focus, bob, subscribe, 2, "active", Document("partial", 2, ("carol", "disconnected")));
        await Next(subscription.Notifications);
        var second = await Next(subscription.Notifications);

        Assert.Equal(RosterChangeKind.PassedBy, Assert.Single(second.Changes).Kind);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-1")]
    public async Task A_document_that_is_none_gets_400_and_the_roster_stays()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var subscription = bob.Subscribe("sip:opaque@im.example.com");
        var subscribe = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, subscribe, 1, "active", Document("full", 1, ("alice", "connected")));
        await focus.SendAsync(Notify(bob, subscribe, 2, "active", "<!DOCTYPE x><conference-info"u8.ToArray()), bob);
        var refused = await focus.ReceiveAsync("400");
        await Next(subscription.Notifications);
        var second = await Next(subscription.Notifications);

        Assert.Equal(2u, refused.CSeq);
        Assert.True(second.IsUnreadable);
        Assert.Equal("sip:alice@example.com", Assert.Single(second.Roster).Entity);
        Assert.Empty(second.Changes);
    }

    private static (RosterChangeKind, bool) Mark(Notification told)
    {
        var change = Assert.Single(told.Changes);
        return (change.Kind, change.Line.IsBlocked);
    }

    private static async Task<SipMessage> AcceptAsync(ScriptedPeer focus, Handset bob, int status = 200)
    {
        var subscribe = await focus.NextAsync("SUBSCRIBE");
        var answer = ScriptedPeer.Respond(subscribe, status).Add("Contact", focus.Contact);
        await focus.SendAsync(answer.Add("Expires", subscribe["Expires"]!), bob);
        return subscribe;
    }

    private static async Task NotifyAsync(
        ScriptedPeer focus, Handset bob, SipMessage subscribe, uint cseq, string state, byte[]? document)
    {
        await focus.SendAsync(Notify(bob, subscribe, cseq, state, document), bob);
        Assert.Equal(cseq, (await focus.ReceiveAsync("200")).CSeq);
    }

    private static SipMessage Notify(Handset bob, SipMessage subscribe, uint cseq, string state, byte[]? document)
    {
        var notify = ScriptedPeer.Request("NOTIFY", bob, subscribe.CallId, cseq, $";tag={subscribe.FromTag}")
            .Add("Contact", "<sip:opaque@im.example.com>").Add("Event", "conference")
            .Add("Subscription-State", state);
        return document is null ? notify : notify.WithBody(ConferenceInfoXml.MediaType, document);
    }

    private static byte[] Document(string state, uint version, params (string User, string Status)[] users)
    {
        var list = users.Select(each => new ConferenceUser($"sip:{each.User}@example.com",
            [new($"sip:{each.User}@192.0.2.1", Enum.Parse<EndpointStatus>(each.Status, true))]));
        var kind = Enum.Parse<ElementState>(state, true);
        return ConferenceInfoXml.Write(new()
        {
            Entity = "sip:opaque@im.example.com",
            State = kind,
            Version = version,
            Users = new(kind, [.. list]),
        });
    }
}
