using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// What the operator orders by hand, IM 7.2.2.8 and IM 7.2.1.9: the end of a session, or of the part that a user has in
/// it. Who is sent a BYE is told why, RFC 3326; one that has to wait for an ACK tells it no more.
/// </summary>
internal static class OperatorOrders
{
    private const int Unavailable = 480;
    private const int Forbidden = 403;

    public static Decision OnRelease(Conference conference, ReleaseOrdered order, Facts facts) =>
        conference.IsOver
            ? Decision.Of(conference)
            : WithReason(SessionRelease.Release(conference, facts), order.Reason, []);

    public static Decision OnExpulsion(Conference conference, ExpulsionOrdered order, Facts facts)
    {
        var parts = conference.PartsNamed(order.User)
            .Where(part => part.Leg.State != LegState.Ending && part.Invitation != Invitation.Cancelling)
            .ToList();
        if (conference.IsOver || parts.Count == 0)
            return Decision.Of(conference);

        // IM 7.2.2.9: who is expelled does not come in again by himself.
        var decision = Decision.Of(conference);
        foreach (var part in parts)
            decision = decision.Then(next => Decision.Of(next.WithoutGuest(part)));

        foreach (var part in parts)
            decision = decision.Then(next => next.Participants.TryGetValue(part.Id, out var still)
                ? ParticipantRemoval.Remove(next, still, facts)
                : Decision.Of(next));

        // Nobody is to ring for one who was refused, as if he had given up.
        if (parts.Exists(part => part.Leg.State == LegState.Offered))
            decision = decision.Then(next => SessionRelease.Release(next, facts));

        // The session may end with them; what they are told is not for the others.
        return WithReason(decision, order.Reason, parts);
    }

    // The session may end with who is expelled: what he is told is not for the others.
    private static Decision WithReason(Decision decision, string reason, List<Participant> expelled)
    {
        if (reason.Length == 0)
            return decision;

        var text = $";text={SipParameters.Quote(reason)}";
        return decision with
        {
            Effects = [.. decision.Effects.Select(effect => WithReason(
                effect,
                owner => expelled.Count == 0 ? $"SIP;cause={Unavailable}{text}"
                    : expelled.Exists(part => part.Id == owner) ? $"SIP;cause={Forbidden}{text}"
                    : $"SIP;cause={Unavailable}"))],
        };
    }

    private static Effect WithReason(Effect effect, Func<string, string> reasonOf) =>
        effect is SendRequest { Request: { Method: "BYE" } bye, Key: var key } send
            ? send with { Request = bye with { Headers = bye.Headers.With("Reason", reasonOf(key.Owner)) } }
            : effect;
}
