using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Notifications;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// IM 7.2.1.3 Pre-defined IM Group Session setup request, and IM 7.2.1.4/8 for a chat group: no session is active.
/// </summary>
internal static class PredefinedGroupSetup
{
    /// <param name="released">The last session of the group, as long as it is remembered.</param>
    public static Decision OnInvite(
        Conference? released, AggregateId id, InviteRequest request, GroupFacts group, Facts facts)
    {
        // IM 7.2.1.3/1
        if (group.IsNone)
            return Refusals.NoSuchConference(released, request);

        // Whose session has just ended starts no other by a copy of his INVITE.
        if (released is not null && RepeatedInvite.Find(released, request) is { } earlier)
            return RepeatedInvite.Answer(released, earlier, request);

        // IM 7.2.1.3/2, IM 7.2.1.4/1
        if (request.Contact?.IsFocus() == true)
            return Refusals.FocusAlready(released, request);

        // IM 7.2.1.3/3-a, IM 7.2.1.3/3-b
        if (request.Originator is not { } originator)
            return Refusals.Refuse(released, request, SipStatus.Forbidden, "Originator not authenticated");

        var asking = Joiner.Of(request, AuthenticatedOriginator.AsksPrivacy(request));

        // IM 7.2.1.3/3-a, IM 7.2.1.3/3-b, IM 7.2.1.4/8a
        if (InitiationPolicy.Decide(group, asking, facts) is { Allowed: false } verdict)
            return Refusals.Forbid(released, request, verdict.Reason, verdict.Explanation);

        // IM 7.2.1.4/3, IM 7.2.1.4/3-ii: a group without places.
        if (Capacity.Of(group.Group!, facts.Operator) == 0)
            return Refusals.TooMany(released, request);

        // IM 7.2.1.3/7-a, IM 7.2.1.3/7-b, IM 7.2.1.4/7
        if (ArrivingParticipant.Check(released, request, facts, out var offered) is { } refusal)
            return refusal;

        var document = group.Group!;
        var session = Create(released, id, request, document, facts);

        // IM 7.2.1.3/4, IM 7.2.1.3/5
        var inviter = ArrivingParticipant.Of(request, originator, "p" + session.NextNumber, facts) with
        {
            IsInviter = true,
        };
        session = session.With(inviter) with { NextNumber = session.NextNumber + 1 };

        // IM 7.2.1.4/8, IM 7.2.1.4/8b: who opens a chat group need not wait for others.
        if (session.Kind == ConferenceKind.Chat)
            return EnterSession.Accept(session, inviter, facts);

        // IM 7.2.1.3/8a, IM 7.2.1.3/8b
        var decision = Decision.Of(session);
        var wrapped = MediaNegotiation.CommonWrapped(offered, facts);
        foreach (var member in GroupInvitees.Of(document, session, inviter, facts))
            decision = decision.Then(next => InviteParticipant.Invite(next, member, inviter, wrapped, facts));

        // IM 7.2.1.3/fail-1
        return decision.Conference!.Participants.Tally.Unsettled > 0
            ? decision
            : Refusals.Refuse(released, request, SipStatus.TemporarilyUnavailable, "No member can be invited");
    }

    // IM 7.2.1.3/8. Numbers go on where the last session ended: what is still on its way to that one finds nobody.
    // Whoever has not answered its BYE or last NOTIFY yet is still waited for.
    private static Conference Create(
        Conference? released, AggregateId id, InviteRequest request, ResolvedGroup group, Facts facts) => new()
        {
            Id = id,
            SessionIdentity = SipUri.Of("sip", SessionName.OfGroup(id, facts), facts.Operator.ConferenceFactory.Host),
            Kind = group.Document.InviteMembers ? ConferenceKind.PreArranged : ConferenceKind.Chat,
            GroupIdentity = group.Document.Uri.Bare,
            GroupName = group.Document.DisplayName,
            MaxParticipants = group.Document.MaxParticipants,
            Conditions = ActivePolicy.Of(group, facts.Now, facts.Now),
            Revision = released?.Revision ?? 0,
            Subject = request.Headers.First("Subject") ?? group.Document.Subject,
            CarriedHeaders = CarriedHeaders.Of(request, facts),
            NextNumber = released?.NextNumber ?? 1,
            Participants = Ending(released),
            Subscriptions = Ended(released),
            Referrals = released?.Referrals ?? ImmutableDictionary<string, Referral>.Empty,
        };

    private static ParticipantTable Ending(Conference? released) =>
        ParticipantTable.Of((released?.Participants.Values ?? [])
            .Select(each => each with { IsInviter = false, IsKey = false, ChangedAt = 0 }));

    // Who watched the last session may have no right to watch this one.
    private static SubscriptionTable Ended(Conference? released) =>
        SubscriptionTable.Of((released?.Subscriptions.Values ?? []).Select(NotifyGenerator.WithoutState));
}
