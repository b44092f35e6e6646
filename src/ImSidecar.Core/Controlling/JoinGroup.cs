using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// IM 7.2.1.4 Joining Pre-defined IM Group Session request, and IM 7.2.1.3/9: an INVITE to a group whose session is
/// active. <see cref="RejoinSession"/> comes in by the session identity.
/// </summary>
internal static class JoinGroup
{
    public static Decision OnInvite(Conference conference, InviteRequest request, GroupFacts group, Facts facts)
    {
        // IM 7.2.1.3/1: deleted, and the session not yet released.
        if (group.IsNone)
            return Refusals.NoSuchConference(conference, request);

        if (RepeatedInvite.Find(conference, request) is { } earlier)
            return RepeatedInvite.Answer(conference, earlier, request);

        // IM 7.2.1.4/1, IM 7.2.1.3/2
        if (request.Contact?.IsFocus() == true)
            return Refusals.FocusAlready(conference, request);

        // IM 7.2.1.4/2-a, IM 7.2.1.4/2-b
        if (request.Originator is not { } originator)
            return Refusals.Refuse(conference, request, SipStatus.Forbidden, "Originator not authenticated");

        var asking = Joiner.Of(request, AuthenticatedOriginator.AsksPrivacy(request));
        if (JoiningPolicy.Decide(group, asking, facts) is { Allowed: false } verdict)
            return Refusals.Forbid(conference, request, verdict.Reason, verdict.Explanation);

        // IM 7.2.1.4/3, IM 7.2.1.4/3-ii
        if (GroupCapacity.IsFull(conference, group.Group!, request.Head, facts.Operator))
            return Refusals.TooMany(conference, request);

        // IM 7.2.1.4/7
        if (ArrivingParticipant.Check(conference, request, facts, out _) is { } refusal)
            return refusal;

        // IM 7.2.1.4/4, IM 7.2.1.4/5
        var before = conference.PartsOf(request.Head).ToList();
        var started = before.Find(each => each.IsInviter);
        var joiner = ArrivingParticipant.Of(request, originator, "p" + conference.NextNumber, facts) with
        {
            IsInviter = started is not null,
        };
        var decision = Accept(
            Without(conference, started).With(joiner) with { NextNumber = conference.NextNumber + 1 }, joiner, facts);

        // One user takes part once: where he was before, or rings, gives way to where he is now.
        foreach (var part in before)
            decision = decision.Then(next => next.Participants.TryGetValue(part.Id, out var still)
                ? ParticipantRemoval.Remove(next, still, facts)
                : Decision.Of(next));

        // Somebody is there now: who opened the session and waits for the members waits no more.
        return decision.Then(next => next.Inviter() is { Leg.State: LegState.Offered } inviter
            ? SetupOutcome.AnswerInviter(next, inviter, next.Participants[joiner.Id].Leg.Media, facts)
            : Decision.Of(next));
    }

    // Who started the session and comes again has not left it.
    private static Conference Without(Conference conference, Participant? inviter) =>
        inviter is null ? conference : conference.With(inviter with { IsInviter = false });

    // IM 7.2.1.4/9, IM 7.2.1.4/9a, IM 7.2.1.4/9b, IM 7.2.1.4/10, IM 7.2.1.4/11, IM 7.2.1.4/12;
    // IM 7.2.1.3/9, IM 7.2.1.3/9a, IM 7.2.1.3/9b, IM 7.2.1.3/9b-i, IM 7.2.1.3/9c, IM 7.2.1.3/9d, IM 7.2.1.3/9e
    public static Decision Accept(Conference conference, Participant joiner, Facts facts)
    {
        var leg = joiner.Leg.Media;
        var media = leg.Offer.IsEmpty
            ? MediaNegotiation.Offer(leg, facts, facts.Operator.AcceptWrappedTypes, isGroup: true)
            : MediaNegotiation.Answer(leg, leg.Offer, facts, isGroup: true) ?? leg;
        return SessionAccepted.Response(conference, joiner, media, facts);
    }
}
