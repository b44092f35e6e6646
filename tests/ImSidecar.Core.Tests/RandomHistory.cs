using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests;

/// <summary>
/// A session to which anything may happen that peers, Kamailio or time can do; the seed fixes all of it.
/// </summary>
internal sealed partial class RandomHistory
{
    private static readonly int[] refusals = [302, 404, 408, 480, 486, 488, 500, 603];

    private static readonly SipUri[] users =
        [alice, bob, carol, dave, .. Enumerable.Range(5, 5).Select(number => Uri($"sip:user{number}@example.org"))];

    private readonly Random random;
    private readonly Action[] actions;
    private readonly List<SendRequest> unanswered = [];
    private readonly List<SendNotify> unheard = [];
    private readonly bool invitesMembers;
    private ReferRequest? lastRefer;
    private int seen;
    private int count;

    public RandomHistory(int seed)
    {
        random = new(seed);
        invitesMembers = random.Next(2) == 0;
        var facts = random.Next(2) == 0 ? NoFacts : With(GroupOf(users[..6]));
        Scene = new(facts with { Operator = policy with { HistoryFunctions = [users[4].PersonKey] } });
        actions = [.. Weighted().SelectMany(each => Enumerable.Repeat(each.Action, each.Weight))];

        var request = (IsGroup ? InviteGroup(alice) : Invite(alice, users[1..]))
            .With("Supported", "timer").With("Session-Expires", "600");
        if (!IsGroup && random.Next(4) == 0)
            request = request.With("Privacy", "id");
        Scene.Arrives(random.Next(4) == 0 ? request with { Offer = null } : request);
        Note();
        if (random.Next(5) > 0)
            Settle();
    }

    public Scene Scene { get; }

    /// <summary>Transactions that ended without us: no final reply may follow.</summary>
    public HashSet<string> Ended { get; } = [];

    private Conference? Conference => Scene.Conference;

    /// <summary>The session of a pre-defined group, whose document changes too.</summary>
    private bool IsGroup => Scene.Facts.Group is not null;

    // Often what keeps a session going, seldom what ends it.
    private IEnumerable<(Action Action, int Weight)> Weighted() =>
    [
        (Ring, 8), (Accept, 4), (Refuse, 2), (Fork, 1), (Acknowledge, 8), (Leave, 1),
        (Modify, 2), (Subscribe, 4), (Refresh, 4), (HearNotify, 24), (AnswerBye, 3), (Wait, 12), (WaitLong, 2),
        (Restart, 1), (Cancel, 1), (LoseAck, 1), (Hold, 3), (LoseMedia, 3), (Connect, 6), (AnswerReinvite, 8),
        (Join, 3), (ChangeGroup, 1), (ReferInside, 3), (ReferOutside, 2), (ReferAgain, 1), (HearProgress, 12),
        (Rejoin, 3),
        (Nickname, 3), (Expel, 1),
    ];

    public void Step()
    {
        actions[random.Next(actions.Length)]();
        Note();
    }

    public void EverybodyLeaves()
    {
        Scene.IsHolding = false;
        Scene.Deliver();
        foreach (var participant in Participants(each => each.IsAttending))
            Scene.Arrives(new ByeRequest(Request(participant, "BYE")));
        foreach (var participant in Participants(each => each.Leg.State == LegState.Offered))
            Scene.Happens(new InviteCancelled(participant.Leg.Transaction!));
    }

    // Left to chance, most sessions would end before anybody watches them.
    private void Settle()
    {
        SipUri[] first = [bob, carol, dave];
        foreach (var invitee in first)
        {
            if (!IsGroup || invitesMembers)
                Scene.Accepts(invitee);
            else
                Scene.Calls(invitee);
        }

        foreach (var asking in Participants(each => each.Leg.State == LegState.Answering))
            Scene.Acknowledges(asking.Address, Sdp(asking.Address, setup: "active"));
        unanswered.RemoveAll(request => first.Contains(request.Request.Uri));
        foreach (var watcher in first)
            Scene.Subscribes(watcher);
        Note();
    }

    private void Note()
    {
        foreach (var effect in Scene.Effects.Skip(seen))
        {
            if (effect is SendRequest request)
                unanswered.Add(request);
            else if (effect is SendNotify notify)
                unheard.Add(notify);
        }

        seen = Scene.Effects.Count;
    }

    // By the operator, who may name anybody.
    private void Expel() => Scene.Happens(new ExpulsionOrdered(Pick(users), ""));

    private void Ring() => AnswerInvite(invite => Response(invite, 180));

    private void Refuse() => AnswerInvite(invite => Response(invite, Pick(refusals)), isFinal: true);

    private void Accept() => AnswerInvite(invite =>
    {
        var body = random.Next(10) == 0 ? default : Sdp(invite.Request.Uri, setup: "active");
        var response = Response(invite, 200, body: body);
        return random.Next(5) == 0 ? response.With("Privacy", "id") : response;
    }, isFinal: true);

    // Any INVITE we ever sent: answered, cancelled, its callee gone.
    private void Fork()
    {
        var sent = Scene.Effects.OfType<SendRequest>().Where(IsInvitation).ToList();
        if (sent.Count > 0)
        {
            var invite = Pick(sent);
            Scene.Happens(new ResponseArrived(invite.Key, Response(invite, 200, $"fork-{++count}", Sdp(bob))));
        }
    }

    private void AnswerInvite(Func<SendRequest, SipResponse> response, bool isFinal = false)
    {
        if (unanswered.Where(IsInvitation).ToList() is not [_, ..] invites)
            return;

        var invite = Pick(invites);
        if (isFinal)
            unanswered.Remove(invite);
        Scene.Happens(new ResponseArrived(invite.Key, response(invite)));
    }

    private static bool IsInvitation(SendRequest request) => request.Key is { Method: "INVITE", CSeq: 1 };

    // Each is answered once: another fork of it there is none.
    private void AnswerReinvite()
    {
        if (unanswered.Where(each => each.Key is { Method: "INVITE", CSeq: > 1 }).ToList() is not [_, ..] asked)
            return;

        var reinvite = Pick(asked);
        unanswered.Remove(reinvite);
        var response = random.Next(4) == 0
            ? Response(reinvite, Pick([491, 491, 491, 408, 481, 488, 503]))
            : Response(reinvite, 200, reinvite.Request.ToTag, random.Next(10) == 0 ? default : Sdp(Pick(users)));
        Scene.Happens(new ResponseArrived(reinvite.Key, response));
    }

    private void Nickname()
    {
        if (Participants(_ => true) is [_, ..] all)
            Scene.Happens(new NicknameAsked(
                Pick(all).Leg.Media.SessionId, "n", Pick(["", "Snowcat", "snowcat", "Yeti", "alice", "Anonymous"])));
    }

    private void LoseMedia()
    {
        if (Participants(_ => true) is [_, ..] all)
            Scene.Happens(new LegLost(Pick(all).Leg.Media.SessionId));
    }

    // Those who are missed more often than others: else most would be removed.
    private void Connect()
    {
        var missed = Participants(each => each.Leg.Reconnection is not null);
        var all = missed.Count > 0 && random.Next(4) > 0 ? missed : Participants(_ => true);
        if (all.Count > 0)
            Scene.Happens(new LegConnected(Pick(all).Leg.Media.SessionId));
    }

    private void AnswerBye()
    {
        if (unanswered.Where(request => request.Key.Method == "BYE").ToList() is not [_, ..] byes)
            return;

        var bye = Pick(byes);
        unanswered.Remove(bye);
        Scene.Happens(new ResponseArrived(bye.Key, new(new(Pick([200, 481]), "Reason"), SipHeaders.Empty, default)));
    }

    private void HearNotify()
    {
        if (unheard.Where(Scene.IsSent).ToList() is not [_, ..] sent)
            return;

        var notify = Pick(sent);
        unheard.Remove(notify);
        var code = random.Next(20) == 0 ? Pick([481, 408]) : random.Next(10) == 0 ? 503 : 200;
        if (code != 200)
            Scene.Lose(notify);
        Scene.Happens(new ResponseArrived(
            notify.Key, new(new(code, "Reason"), SipHeaders.Of(("Retry-After", "20")), default)));
    }

    private void Acknowledge()
    {
        if (Participants(each => each.Leg.State == LegState.Answering) is [var inviter, ..])
            Scene.Happens(new InviteAcknowledged(
                inviter.Leg.Transaction,
                inviter.Leg.Dialog,
                random.Next(10) == 0 ? default : Sdp(alice, setup: "active")));
    }

    private void LoseAck()
    {
        if (Participants(each => each.Leg.State == LegState.Answering) is [var inviter, ..])
            Scene.Happens(new AckTimedOut(inviter.Leg.Transaction, inviter.Leg.Dialog));
    }

    private void Cancel()
    {
        if (Participants(each => each.Leg.State == LegState.Offered) is not [var inviter, ..])
            return;

        Ended.Add(inviter.Leg.Transaction!);
        Scene.Happens(random.Next(2) == 0
            ? new InviteCancelled(inviter.Leg.Transaction!)
            : new RequestTransactionEnded(inviter.Leg.Transaction!, 408));
    }

    private void Leave()
    {
        if (Participants(each => each.Leg.RemoteTag.Length > 0) is [_, ..] all)
            Scene.Arrives(new ByeRequest(Request(Pick(all), "BYE")));
    }

    private void Modify()
    {
        if (Participants(each => each.IsAttending) is [_, ..] all)
            Scene.Arrives(new ReinviteRequest(Request(Pick(all), "INVITE") with { Contact = ContactOf(Pick(users)) })
            {
                Offer = Sdp(Pick(users)),
            });
    }

    private void Subscribe() => Scene.Arrives(Asking(
        Given.Subscribe(Pick(users), Pick<int?>([null, 0, 60, 300])), TagNow)
        .WithHead(head => head with
        {
            CallId = $"subscription-{++count}",
            Transaction = $"t-{count}",
            Uri = Conference?.GroupIdentity ?? head.Uri,
        }));

    // Most want to be told as others are, some seldom or again and again, some know the state.
    private SubscribeRequest Asking(SubscribeRequest request, string known)
    {
        if (random.Next(5) == 0)
            request = request with { MaxRate = new(TimeSpan.FromSeconds(Pick([1, 12, 40]))) };
        if (random.Next(5) == 0)
            request = request with { MinRate = new(TimeSpan.FromSeconds(Pick([1, 75]))) };
        return random.Next(5) > 0 ? request : request.With("Suppress-If-Match", Pick(["*", "another", known]));
    }

    private string TagNow => Conference is { } conference
        ? StateTag.Of(conference, conference.RosterRevision, Scene.Facts.Operator)
        : "none";

    private void Refresh()
    {
        if (Conference is null || Conference.Subscriptions.IsEmpty)
            return;

        var subscription =
            Pick(Conference.Subscriptions.Values.OrderBy(each => each.Id, StringComparer.Ordinal).ToList());
        var refresh = Given.Subscribe(subscription.Subscriber, Pick<int?>([null, 0, 60]));
        Scene.Arrives(Asking(refresh, Scene.TagOf(subscription.Dialog)).WithHead(head => head with
        {
            Transaction = $"t-{++count}",
            CallId = subscription.Dialog.CallId,
            To = new(head.Uri, null, ";tag=" + subscription.Dialog.LocalTag),
            LocalTag = subscription.Dialog.LocalTag,
            CSeq = subscription.RemoteCSeq + random.Next(3),
        }));
    }

    private void Wait() => Scene.After(random.Next(1, 8));

    private void WaitLong() => Scene.After(random.Next(10, 70));

    private void Restart()
    {
        if (random.Next(2) == 0)
        {
            Scene.Happens(new NodeStarted());
            return;
        }

        foreach (var participant in Participants(each => each.Leg.State == LegState.Offered))
            Ended.Add(participant.Leg.Transaction!);
        unanswered.Clear();
        unheard.Clear();
        Scene.Happens(new LinkRestarted());
    }

    private void Hold()
    {
        Scene.IsHolding = !Scene.IsHolding;
        if (!Scene.IsHolding)
            Scene.Deliver();
    }

    private RequestHead Request(Participant participant, string method) =>
        Inside(participant.Leg, participant.Address, method) with { Transaction = $"t-{++count}" };

    private List<Participant> Participants(Func<Participant, bool> which) =>
        Conference is { } conference ? [.. conference.InOrder().Where(which)] : [];

    private T Pick<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];
}
