using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>IM 6.1.2.12: a conference is followed until its end, whatever becomes of single subscriptions.</summary>
public class ConferenceWatchTests
{
    private const string Session = "sip:opaque@im.example.com";

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-1")]
    public async Task A_gap_in_the_versions_is_closed_by_a_refresh()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var watch = bob.Watch(Session);
        var subscribe = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, subscribe, 1, "active", Document(ElementState.Full, 1));
        await NotifyAsync(focus, bob, subscribe, 2, "active", Document(ElementState.Partial, 3));
        var refresh = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, subscribe, 3, "active", Document(ElementState.Full, 4));

        Assert.Equal((subscribe.CallId, "scripted"), (refresh.CallId, refresh.ToTag));
        Assert.Equal(
            [ViewOutcome.Applied, ViewOutcome.Gap, ViewOutcome.Applied],
            [(await Next(watch.Notifications)).Outcome, (await Next(watch.Notifications)).Outcome,
                (await Next(watch.Notifications)).Outcome]);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-1")]
    public async Task A_server_whose_documents_are_always_bad_is_not_asked_all_the_time()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var watch = bob.Watch(Session);
        var subscribe = await AcceptAsync(focus, bob);
        await focus.SendAsync(Notify(focus, bob, subscribe, 1, "active", "<bad"u8.ToArray()), bob);
        await AcceptAsync(focus, bob);
        await focus.SendAsync(Notify(focus, bob, subscribe, 2, "active", "<bad"u8.ToArray()), bob);
        await Next(watch.Notifications);
        await Next(watch.Notifications);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        Assert.Equal(2, Subscribes(bob));
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/resp")]
    public async Task It_is_refreshed_before_it_expires()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        bob.Watch(Session);
        var subscribe = await AcceptAsync(focus, bob, expires: "2");
        await NotifyAsync(focus, bob, subscribe, 1, "active;expires=2", Document(ElementState.Full, 1));
        var refresh = await AcceptAsync(focus, bob);

        Assert.Equal((subscribe.CallId, "3600"), (refresh.CallId, refresh["Expires"]));
        Assert.Equal($"sip:opaque@{focus.Local}", refresh.RequestUri);
    }

    [Theory, Trait("Spec", "IM 6.1.2.12/resp"), Trait("Spec", "IM 6.1.2.12/notify-1")]
    [InlineData("terminated;reason=timeout")]
    [InlineData("terminated;reason=deactivated")]
    [InlineData("terminated;reason=probation;retry-after=1")]
    public async Task Who_is_told_to_come_back_does(string state)
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var watch = bob.Watch(Session);
        var first = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, first, 1, state, null);
        var second = await AcceptAsync(focus, bob);

        Assert.Null(second.ToTag);
        Assert.NotEqual(first.CallId, second.CallId);
        Assert.False(watch.Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-2")]
    public async Task Who_is_told_anew_of_those_he_knows_hears_no_news()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var watch = bob.Watch(Session);
        var first = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, first, 1, "active", Document(ElementState.Full, 1));
        await NotifyAsync(focus, bob, first, 2, "terminated;reason=deactivated", null);
        var second = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, second, 1, "active", Document(ElementState.Full, 0));

        Assert.Single((await Next(watch.Notifications)).Changes);
        Assert.Empty((await Next(watch.Notifications)).Changes);
        Assert.Empty((await Next(watch.Notifications)).Changes);
    }

    [Theory, Trait("Spec", "IM 6.1.2.12/notify-1")]
    [InlineData("noresource")]
    [InlineData("rejected")]
    public async Task Who_is_not_wanted_does_not_come_back(string reason)
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var watch = bob.Watch(Session);
        var subscribe = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, subscribe, 1, $"terminated;reason={reason}", null);

        Assert.Equal(reason, (await Within(watch.Ended)).Reason);
        Assert.Equal(1, Subscribes(bob));
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/resp")]
    public async Task A_server_that_knows_the_dialog_no_more_is_asked_anew()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        bob.Watch(Session);
        var first = await AcceptAsync(focus, bob, expires: "2");
        await NotifyAsync(focus, bob, first, 1, "active", Document(ElementState.Full, 1));
        await focus.SendAsync(ScriptedPeer.Respond(await focus.NextAsync("SUBSCRIBE"), 481), bob);
        var again = await focus.NextAsync("SUBSCRIBE");

        Assert.Null(again.ToTag);
        Assert.NotEqual(first.CallId, again.CallId);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/resp")]
    public async Task Too_short_a_time_is_made_longer_and_a_refusal_ends_it()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var watch = bob.Watch(Session, seconds: 60);
        var brief = await focus.NextAsync("SUBSCRIBE");
        await focus.SendAsync(ScriptedPeer.Respond(brief, 423).Add("Min-Expires", "300"), bob);
        var longer = await focus.NextAsync("SUBSCRIBE");
        await focus.SendAsync(ScriptedPeer.Respond(longer, 403), bob);

        Assert.Equal(("60", "300"), (brief["Expires"], longer["Expires"]));
        Assert.Equal(403, (await Within(watch.Ended)).Refusal?.Status);
    }

    [Fact, Trait("Spec", "IM 6.1.2.12/term")]
    public async Task Who_stops_unsubscribes_and_answers_the_last_NOTIFY()
    {
        using var focus = new ScriptedPeer();
        await using var bob = Handset("bob", proxy: focus.Local);

        var watch = bob.Watch(Session);
        var subscribe = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, subscribe, 1, "active", Document(ElementState.Full, 1));
        var stopping = watch.UnsubscribeAsync();
        var last = await AcceptAsync(focus, bob);
        await NotifyAsync(focus, bob, subscribe, 2, "terminated;reason=timeout", null);

        Assert.Equal((subscribe.CallId, "0"), (last.CallId, last["Expires"]));
        Assert.Equal("unsubscribed", (await Within(stopping)).Reason);
    }

    // Without those sent again because the answer took too long.
    private static int Subscribes(Handset bob) => bob.Trace
        .Where(record => record is { IsOutgoing: true, Message.Method: "SUBSCRIBE" })
        .DistinctBy(record => record.Message.Branch).Count();

    private static async Task<SipMessage> AcceptAsync(ScriptedPeer focus, Handset bob, string? expires = null)
    {
        var subscribe = await focus.NextAsync("SUBSCRIBE");
        await focus.SendAsync(ScriptedPeer.Respond(subscribe, 200)
            .Add("Contact", $"<sip:opaque@{focus.Local}>").Add("Expires", expires ?? subscribe["Expires"]!), bob);
        return subscribe;
    }

    private static async Task NotifyAsync(
        ScriptedPeer focus, Handset bob, SipMessage subscribe, uint cseq, string state, byte[]? document)
    {
        await focus.SendAsync(Notify(focus, bob, subscribe, cseq, state, document), bob);
        Assert.Equal(cseq, (await focus.ReceiveAsync("200")).CSeq);
    }

    private static SipMessage Notify(
        ScriptedPeer focus, Handset bob, SipMessage subscribe, uint cseq, string state, byte[]? document)
    {
        var notify = ScriptedPeer.Request("NOTIFY", bob, subscribe.CallId, cseq, $";tag={subscribe.FromTag}")
            .Add("Contact", $"<sip:opaque@{focus.Local}>").Add("Event", "conference")
            .Add("Subscription-State", state);
        return document is null ? notify : notify.WithBody(ConferenceInfoXml.MediaType, document);
    }

    private static byte[] Document(ElementState state, uint version) => ConferenceInfoXml.Write(new()
    {
        Entity = Session,
        State = state,
        Version = version,
        Users = new(state, [new("sip:alice@example.com", [new("sip:a@192.0.2.1", EndpointStatus.Connected)])]),
    });
}
