using System.Diagnostics;
using ImSidecar.Core.Controlling;
using ImSidecar.Core.Notifications;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// The one door to the rules: (conference, event, facts) to (next conference, effects). Names every procedure.
/// </summary>
public static class ConferenceMachine
{
    public static Decision Apply(Conference? conference, AggregateId id, AggregateEvent happened, Facts facts)
    {
        // Those who watch are told behind the replies, of this change or of one that waited for its time.
        var decision = Dispatch(conference, id, happened, facts)
            .Then(next => Decision.Of(ActivePolicy.Noted(next)))
            .Then(next => NotifyGenerator.Flush(next, facts))
            .Then(next => ReferProgress.Flush(next, facts));

        // The revision counts decisions that changed something.
        return decision.Conference is not { } changed || ReferenceEquals(changed, conference)
            ? decision
            : decision with { Conference = changed with { Revision = (conference?.Revision ?? 0) + 1 } };
    }

    /// <summary>When the conference wants a <see cref="TimeElapsed"/>; null: never.</summary>
    public static DateTimeOffset? NextDue(Conference conference) => DueWork.Next(conference);

    private static Decision Dispatch(Conference? conference, AggregateId id, AggregateEvent happened, Facts facts) =>
        happened is RequestArrived arrived
            ? OnRequest(conference, id, arrived.Request, facts)
            : conference is null ? Decision.Of(null) : OnEvent(conference, happened, facts);

    private static Decision OnRequest(Conference? conference, AggregateId id, ImRequest request, Facts facts) =>
        request switch
        {
            InviteRequest invite when IsTo(facts.Operator.GroupDomain, invite) =>
                OnInviteToGroup(conference, id, invite, facts),
            InviteRequest invite when invite.Uri.User.StartsWith(id.Value, StringComparison.Ordinal) =>
                RejoinSession.OnInvite(conference, invite, facts),
            InviteRequest invite when !IsTo(facts.Operator.ConferenceFactory.Host, invite) =>
                Refusals.NoSuchConference(conference, invite),
            InviteRequest invite => AdHocGroupSetup.OnInvite(conference, id, invite, facts),
            ReinviteRequest reinvite => ModifySession.OnReinvite(conference, reinvite, facts),
            ByeRequest bye => Bye.OnBye(conference, bye, facts),
            SubscribeRequest subscribe => SubscribeConferenceState.OnSubscribe(conference, subscribe, facts),
            ReferRequest refer => Refer.OnRefer(conference, refer, facts),
            OptionsRequest options => Capabilities.OnOptions(conference, options, facts.Operator),
            UnsupportedRequest or NotifyRequest or PassingRequest or DepositRequest or RegisterRequest or MessageRequest =>
                Capabilities.OnUnsupported(conference, request),
            _ => throw new UnreachableException(request.GetType().Name),
        };

    private static Decision OnEvent(Conference conference, AggregateEvent happened, Facts facts) =>
        happened switch
        {
            InviteCancelled cancelled => AnsweredLeg.OnEnded(conference, cancelled.Transaction, facts),
            RequestTransactionEnded ended => AnsweredLeg.OnEnded(conference, ended.Transaction, facts),
            InviteAcknowledged acknowledged => AnsweredLeg.OnAcknowledged(conference, acknowledged, facts),
            AckTimedOut timeout => AnsweredLeg.OnAckTimedOut(conference, timeout, facts),
            ResponseArrived arrived => OnResponse(conference, arrived, facts),
            LegConnected connected => MediaLoss.OnLegConnected(conference, connected.SessionId),
            LegLost lost => MediaLoss.OnLegLost(conference, lost.SessionId, facts),
            NicknameAsked asked => ChooseNickname.OnAsked(conference, asked, facts),
            GroupChanged => GroupChange.OnGroupChanged(conference, facts),
            ReleaseOrdered order => OperatorOrders.OnRelease(conference, order, facts),
            ExpulsionOrdered order => OperatorOrders.OnExpulsion(conference, order, facts),
            DocumentsChanged or DocumentsWanted or RegistrationChanged or ServiceSettingsChanged or DeferralSettled
                or MessagesWait or PushWanted or DeliveryEnded or DeferredRemoved or NoticeWanted => Decision.Of(conference),
            TimeElapsed => DueWork.OnTimeElapsed(conference, facts),
            NodeStarted => Resumption.OnNodeStarted(conference, facts),
            LinkRestarted restarted => Resumption.OnLinkRestarted(conference, restarted, facts),
            _ => throw new UnreachableException(happened.GetType().Name),
        };

    private static Decision OnResponse(Conference conference, ResponseArrived arrived, Facts facts) =>
        arrived.Key.Method switch
        {
            "INVITE" when arrived.Key.CSeq >= ModifySession.FirstReinvite =>
                ReinviteOutcome.OnResponse(conference, arrived.Key, arrived.Response, facts, arrived.IsStray),
            "INVITE" => SetupOutcome.OnResponse(
                conference, arrived.Key, arrived.Response, facts, arrived.IsStray).Then(next => Report(next, arrived)),
            "BYE" => ParticipantRemoval.OnResponse(conference, arrived.Key, arrived.Response, facts)
                .Then(next => Report(next, arrived)),
            "NOTIFY" when conference.Referrals.ContainsKey(arrived.Key.Owner) =>
                Decision.Of(ReferProgress.OnResponse(conference, arrived.Key, arrived.Response)),
            "NOTIFY" => Decision.Of(NotifyOutcome.OnResponse(conference, arrived.Key, arrived.Response, facts))
                .Then(next => SessionRelease.Finish(next, facts)),
            _ => Decision.Of(conference),
        };

    // Another fork says nothing of the one who was referred to.
    private static Decision Report(Conference conference, ResponseArrived arrived) =>
        Decision.Of(arrived.Key.Variant.Length > 0
            ? conference
            : ReferProgress.Report(conference, arrived.Key.Owner, arrived.Response.Status));

    private static Decision OnInviteToGroup(
        Conference? conference, AggregateId id, InviteRequest invite, Facts facts)
    {
        var group = facts.Group ?? GroupFacts.None;
        return conference is null or { IsOver: true }
            ? PredefinedGroupSetup.OnInvite(conference, id, invite, group, facts)
            : JoinGroup.OnInvite(conference, invite, group, facts);
    }

    // Group identities live in a domain of their own.
    private static bool IsTo(string domain, InviteRequest request) =>
        request.Uri.Host.Equals(domain, StringComparison.OrdinalIgnoreCase);
}
