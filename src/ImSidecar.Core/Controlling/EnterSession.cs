using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// One whom IM 7.2.1.4 or IM 7.2.1.5 has let comes into the session under way: as himself, once, and those who watch
/// see it.
/// </summary>
internal static class EnterSession
{
    public static Decision OnInvite(Conference conference, InviteRequest request, SipUri originator, Facts facts)
    {
        // IM 7.2.1.4/4, IM 7.2.1.4/5, IM 7.2.1.5/4, IM 7.2.1.5/5
        var before = conference.PartsOf(request.Head).ToList();
        var started = before.Find(each => each.IsInviter);
        var arriving = ArrivingParticipant.Of(request, originator, "p" + conference.NextNumber, facts);
        var joiner = ChatAlias.GoOn(arriving, before) with { IsInviter = started is not null };
        var decision = Accept(
            Without(conference, started).With(joiner)
                .WithGuest(joiner.Id, Joiner.Of(request).Who.Keys, facts.Operator) with
            {
                NextNumber = conference.NextNumber + 1,
            },
            joiner, facts);

        // One user takes part once: where he was before, or rings, gives way to where he is now.
        foreach (var part in before)
            decision = decision.Then(next => next.Participants.TryGetValue(part.Id, out var still)
                ? ParticipantRemoval.Remove(next, still, facts)
                : Decision.Of(next));

        // Somebody is there now: who opened the session and waits for the others waits no more.
        return decision.Then(next => !joiner.IsHistory && next.Inviter() is { Leg.State: LegState.Offered } inviter
            ? SetupOutcome.AnswerInviter(next, inviter, next.Participants[joiner.Id].Leg.Media, facts)
            : Decision.Of(next));
    }

    // IM 7.2.1.4/9, IM 7.2.1.4/9a, IM 7.2.1.4/9b, IM 7.2.1.4/10, IM 7.2.1.4/11, IM 7.2.1.4/12;
    // IM 7.2.1.3/9, IM 7.2.1.3/9a, IM 7.2.1.3/9b, IM 7.2.1.3/9b-i, IM 7.2.1.3/9c, IM 7.2.1.3/9d, IM 7.2.1.3/9e;
    // IM 7.2.1.5/8, IM 7.2.1.5/9, IM 7.2.1.5/9a, IM 7.2.1.5/10, IM 7.2.1.5/11, IM 7.2.1.5/12, IM 7.2.1.5/13
    public static Decision Accept(Conference conference, Participant joiner, Facts facts)
    {
        var leg = joiner.Leg.Media;
        var media = leg.Offer.IsEmpty
            ? MediaNegotiation.Offer(leg, facts, facts.Operator.AcceptWrappedTypes, conference.IsGroup)
            : MediaNegotiation.Answer(leg, leg.Offer, facts, conference.IsGroup) ?? leg;
        return SessionAccepted.Response(conference, joiner, media, facts);
    }

    // Who started the session and comes again has not left it.
    private static Conference Without(Conference conference, Participant? inviter) =>
        inviter is null ? conference : conference.With(inviter with { IsInviter = false });
}
