using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// IM 7.2.1.8 Removing Participants: REFER with method BYE. Refer-To names the session, then the sender leaves it; or
/// a participant, by the address that the roster shows.
/// </summary>
internal static class RemoveParticipants
{
    public static Decision OnRefer(Conference conference, ReferRequest request, Participant referrer, Facts facts)
    {
        // IM 7.2.1.8/2, IM 7.2.1.8/2a
        var named = request.Targets
            .SelectMany(target =>
                Named(conference, target.Address, referrer).Select(part => (Target: target, Part: part)))
            .ToList();

        // IM 7.2.1.8/2b, IM 7.2.1.8/2b-i-a, IM 7.2.1.8/2b-i-b
        if (named.Count == 0)
            return Refusals.Refuse(conference, request, SipStatus.Forbidden, "Refer-To names nobody in the session");

        // IM 7.2.1.8/1-a, IM 7.2.1.8/1-b: everybody may leave.
        if (named.Exists(each => each.Part.Id != referrer.Id)
            && ExpellingPolicy.Decide(conference, referrer, Joiner.Of(referrer), facts) is { Allowed: false } verdict)
            return Refusals.Forbid(conference, request, verdict.Reason, verdict.Explanation);

        if (Refer.RefuseToFollow(conference, request, referrer) is { } tooMany)
            return tooMany;

        ImmutableArray<ReferralTarget> progress =
            [.. named.Select(each => new ReferralTarget(each.Part.Id, each.Target.Address.Text, SipStatus.Trying))];
        var decision = Refer.Accept(conference, request, referrer, progress, facts);

        // IM 7.2.2.9: who is expelled does not come in again by himself.
        foreach (var (_, part) in named.Where(each => each.Part.Id != referrer.Id))
            decision = decision.Then(next => Decision.Of(next.WithoutGuest(part)));

        // IM 7.2.1.8/2a-v; IM 7.2.1.8/2a-vi, IM 7.2.1.8/2a-vii follow when the BYE is answered.
        foreach (var (_, part) in named)
            decision = decision.Then(next => next.Participants.TryGetValue(part.Id, out var still)
                ? ParticipantRemoval.Remove(next, still, facts)
                : Decision.Of(next));
        return decision;
    }

    // Who is anonymous is not found under his address: it would tell that he is here.
    private static IEnumerable<Participant> Named(Conference conference, SipUri address, Participant referrer)
    {
        if (conference.IsCalled(address) || referrer.IsAlso(address))
            return [referrer];

        return conference.PartsKnownAs(address).Where(part => part.Leg.State != LegState.Ending);
    }
}
