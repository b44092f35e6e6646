using System.Buffers.Binary;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Tests;

namespace ImSidecar.Core.Tests;

/// <summary>
/// A conference and its world: what happens goes through the machine, what comes out is kept. Each NOTIFY is rendered,
/// validated against the schema of RFC 4575 and merged into what its subscriber knows.
/// </summary>
internal sealed class Scene(Facts facts)
{
    private readonly Dictionary<DialogId, ConferenceView> views = [];
    private readonly Dictionary<DialogId, string> tags = [];
    private readonly List<SendNotify> unsent = [];
    private int decisions;

    public Scene()
        : this(NoFacts)
    {
    }

    public Conference? Conference { get; private set; }

    public Facts Facts { get; set; } = facts;

    public Decision Last { get; private set; } = Decision.Of(null);

    public List<Effect> Effects { get; } = [];

    /// <summary>The last document rendered.</summary>
    public ConferenceInfo Document { get; private set; } = null!;

    public OutgoingRequest Notify { get; private set; } = null!;

    /// <summary>Hears of each document that goes to a subscriber.</summary>
    public Action<DialogId, ConferenceInfo>? OnDocument { get; set; }

    /// <summary>
    /// While true several decisions are saved together: effects wait and are made from the last state.
    /// </summary>
    public bool IsHolding { get; set; }

    public static Scene Settled(Facts facts, params SipUri[] participants)
    {
        var scene = new Scene(facts);
        scene.Invites(participants[0], participants[1..]);
        foreach (var invitee in participants[1..])
            scene.Accepts(invitee);
        scene.Acknowledges(participants[0]);
        return scene;
    }

    public static Scene Settled(params SipUri[] participants) => Settled(NoFacts, participants);

    /// <summary>A state that it would take too many events to come to.</summary>
    public void Replace(Conference conference) => Conference = conference;

    public Decision Happens(AggregateEvent happened)
    {
        var entropy = new byte[32];
        BinaryPrimitives.WriteInt32BigEndian(entropy, ++decisions);
        Facts = Facts with { Entropy = entropy };

        Last = ConferenceMachine.Apply(Conference, conferenceId, happened, Facts);
        Conference = Last.Conference;
        Effects.AddRange(Last.Effects);
        unsent.AddRange(Last.Effects.OfType<SendNotify>());
        if (!IsHolding)
            Deliver();
        return Last;
    }

    public Decision Arrives(ImRequest request) => Happens(new RequestArrived(request));

    public Decision Invites(SipUri inviter, params SipUri[] invitees) => Arrives(Invite(inviter, invitees));

    /// <summary>An INVITE to the pre-defined group of the facts.</summary>
    public Decision Calls(SipUri user) => Arrives(InviteGroup(user));

    /// <summary>An INVITE to the session identity.</summary>
    public Decision Rejoins(SipUri user) => Arrives(Rejoin(user, Conference?.SessionIdentity));

    /// <summary>The group document as it is from now on; null: there is none any more.</summary>
    public Decision Changes(GroupXml? group)
    {
        Facts = Facts with { Group = group is null ? GroupFacts.None : Known(group) };
        return Happens(new GroupChanged());
    }

    /// <summary>A REFER in the dialog of a participant.</summary>
    public Decision Refers(SipUri user, bool? referSub, params ReferTarget[] targets)
    {
        var leg = Participant(user).Leg;
        return Arrives(new ReferRequest(Inside(leg, user, "REFER"))
        {
            Targets = [.. targets],
            IsList = targets.Length > 1,
            ReferSub = referSub,
        });
    }

    public Decision Refers(SipUri user, params SipUri[] added) =>
        Refers(user, null, [.. added.Select(each => new ReferTarget(each, null, "INVITE"))]);

    public Decision Expels(SipUri user, params SipUri[] removed) =>
        Refers(user, null, [.. removed.Select(each => new ReferTarget(each, null, "BYE"))]);

    /// <summary>The last NOTIFY of the event package refer.</summary>
    public SendRequest Progress => Effects.OfType<SendRequest>().Last(each => each.Request.Method == "NOTIFY");

    public Decision AnswersProgress(int code = 200) =>
        Happens(new ResponseArrived(Progress.Key, new(new(code, "Reason"), SipHeaders.Empty, default)));

    public Decision Rings(SipUri invitee) => Answers(invitee, 180);

    public Decision Accepts(SipUri invitee, string tag = "callee", byte[]? answer = null) =>
        Answers(invitee, Response(InviteTo(invitee), 200, tag, answer ?? Sdp(invitee, setup: "active")));

    public Decision Answers(SipUri invitee, int code) => Answers(invitee, Response(InviteTo(invitee), code));

    public Decision Answers(SipUri invitee, SipResponse response) =>
        Happens(new ResponseArrived(InviteTo(invitee).Key, response));

    public Decision Cancels(SipUri inviter) => Happens(new InviteCancelled("t-INVITE-" + inviter.User));

    public Decision Acknowledges(SipUri user, byte[]? answer = null) =>
        Happens(new InviteAcknowledged("t-INVITE-" + user.User, Participant(user).Leg.Dialog, answer));

    public Decision Leaves(SipUri user) => Arrives(Bye(Participant(user)));

    public Decision Subscribes(SipUri user, int? expires = null) =>
        Arrives(Subscribe(user, expires).WithHead(head => head with { Uri = Conference?.GroupIdentity ?? head.Uri }));

    /// <summary>A SUBSCRIBE inside the dialog of the subscription.</summary>
    public Decision Refreshes(SipUri user, int? expires = null)
    {
        var subscription = Subscription(user);
        return Arrives(Subscribe(user, expires).WithHead(head => head with
        {
            To = new(head.Uri, null, ";tag=" + subscription.Dialog.LocalTag),
            CSeq = subscription.RemoteCSeq + 1,
        }));
    }

    public Decision AnswersNotify(SipUri user, int code = 200, params (string, string)[] headers) =>
        Happens(new ResponseArrived(NotifyTo(user).Key, new(new(code, "Reason"), SipHeaders.Of(headers), default)));

    public Decision AnswersBye(SipUri user, int code = 200) =>
        Happens(new ResponseArrived(ByeTo(user).Key, new(new(code, "Reason"), SipHeaders.Empty, default)));

    public Scene Later(double seconds)
    {
        Facts = Facts with { Now = Facts.Now + TimeSpan.FromSeconds(seconds) };
        return this;
    }

    /// <summary>Time passes and the machine is told if it wants to know.</summary>
    public Decision After(double seconds)
    {
        Later(seconds);
        Last = Decision.Of(Conference);
        return Conference is { } now && ConferenceMachine.NextDue(now) <= Facts.Now ? Happens(new TimeElapsed()) : Last;
    }

    public Decision Loses(SipUri user) => Happens(new LegLost(Participant(user).Leg.Media.SessionId));

    public Decision Connects(SipUri user) => Happens(new LegConnected(Participant(user).Leg.Media.SessionId));

    /// <summary>A NICKNAME of that user; its answer.</summary>
    public int Nicknames(SipUri user, string nickname) =>
        Happens(new NicknameAsked(Participant(user).Leg.Media.SessionId, "n-" + nickname, nickname))
            .Single<AnswerNickname>().Status;

    public Participant Participant(SipUri user) =>
        Conference!.Participants.Values.Single(participant => participant.Address.SameAddress(user));

    public bool Has(SipUri user) =>
        Conference!.Participants.Values.Any(participant => participant.Address.SameAddress(user));

    public Subscription Subscription(SipUri user) =>
        Conference!.Subscriptions.Values.Single(subscription => subscription.Subscriber.SameAddress(user));

    public ConferenceView View(SipUri user) => View(Subscription(user).Dialog);

    public ConferenceView View(DialogId dialog) => views[dialog];

    /// <summary>What the subscriber has merged; false before his first document and after his last.</summary>
    public bool Sees(DialogId dialog, out ConferenceView view) =>
        views.TryGetValue(dialog, out view!) && !view.HasEnded;

    public SendRequest InviteTo(SipUri user) => RequestTo(user, "INVITE");

    public SendRequest ByeTo(SipUri user) => RequestTo(user, "BYE");

    public SendNotify NotifyTo(SipUri user) =>
        Effects.OfType<SendNotify>().Last(notify => notify.Dialog.CallId == "subscription-of-" + user.User);

    /// <summary>The BYEs of the last decision, by the user they go to.</summary>
    public IEnumerable<string> ByesSent => Last.Effects.OfType<SendRequest>()
        .Where(request => request.Request.Method == "BYE")
        .Select(request => request.Request.Uri.User)
        .Order(StringComparer.Ordinal);

    private SendRequest RequestTo(SipUri user, string method) => Effects.OfType<SendRequest>().Last(request =>
        request.Request.Method == method && request.Request.Uri.User == user.User);

    public bool IsSent(SendNotify notify) => !unsent.Contains(notify);

    /// <summary>The subscriber did not take the document: what comes next must not build on it.</summary>
    public void Lose(SendNotify notify)
    {
        views.Remove(notify.Dialog);
        tags.Remove(notify.Dialog);
    }

    /// <summary>Of the state that the subscriber has merged.</summary>
    public string TagOf(DialogId dialog) => tags.GetValueOrDefault(dialog, "none");

    public void Deliver()
    {
        if (Conference is { } conference)
        {
            var requests = new NotifyRequests(conference, Facts.Operator);
            foreach (var notify in unsent)
                Deliver(notify, requests);
        }

        unsent.Clear();
    }

    private void Deliver(SendNotify notify, NotifyRequests requests)
    {
        if (requests.Render(notify) is not { } request)
            return;

        Notify = request;
        if (notify.Scope is NotifyScope.Nothing or NotifyScope.Known)
        {
            Assert.Equal((0, null), (request.Body.Length, request.Headers.First("Content-Type")));
            return;
        }

        Assert.Empty(Schemas.ConferenceInfo.Errors(request.Body.ToArray()));
        Assert.True(ConferenceInfoXml.TryParse(request.Body, out var document));
        Document = document;
        OnDocument?.Invoke(notify.Dialog, document);
        tags[notify.Dialog] = request.Headers.First("SIP-ETag") ?? "none";

        if (!views.TryGetValue(notify.Dialog, out var view))
            views.Add(notify.Dialog, view = new());
        Assert.Equal(
            notify.Scope == NotifyScope.Gone ? ViewOutcome.Ended : ViewOutcome.Applied, view.Apply(document));
    }
}
