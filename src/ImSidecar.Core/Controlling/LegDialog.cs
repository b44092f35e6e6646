using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// The SIP dialog of a leg: what a 2xx to our INVITE establishes, and our requests inside; RFC 3261 12.
/// </summary>
internal static class LegDialog
{
    /// <summary>The leg with the dialog that the 2xx created; null if the response cannot create one.</summary>
    public static Leg? Established(Leg leg, SipResponse response) =>
        response.ToTag is { Length: > 0 } tag && response.Target is { } target
            && response.RouteSet is { IsDefault: false } routeSet
            ? leg with { RemoteTag = tag, RemoteTarget = target, RouteSet = routeSet, Early = null }
            : null;

    /// <summary>What a 180 tells of who rings; null if it names no dialog.</summary>
    public static EarlyDialog? EarlyOf(SipResponse response) =>
        response.ToTag is { Length: > 0 } tag && response.Target is { } target
            && response.RouteSet is { IsDefault: false } routeSet
            ? new(tag, target, routeSet)
            : null;

    /// <summary>
    /// A leg for a dialog we do not want, all from the 2xx: another fork, or an answer after we gave up.
    /// </summary>
    public static Leg? OfFork(SipResponse response, long lastCSeq)
    {
        if (response.Headers.First("Call-ID") is not { } callId
            || !NameAddress.TryParse(response.Headers.First("From"), out var caller)
            || !NameAddress.TryParse(response.Headers.First("To"), out var to))
            return null;

        return Established(new Leg
        {
            State = LegState.Ending,
            CallId = callId,
            LocalTag = caller.Tag ?? "",
            LocalAddress = (caller with { Parameters = "" }).ToString(),
            RemoteAddress = (to with { Parameters = "" }).ToString(),
            LocalCSeq = lastCSeq,
            Media = new() { SessionId = "", LocalUri = "", DescriptionId = 0 },
        }, response);
    }

    /// <summary>RFC 4028 7.2: the peer refreshes if he said so; without Session-Expires there is no timer.</summary>
    public static Leg WithAgreedTimer(Leg leg, SipResponse response, Facts facts)
    {
        var agreed = SessionExpires.TryParse(response.Headers.First("Session-Expires"), out var timer)
            && timer.Refresher == Refresher.Uas
            ? TimeSpan.FromSeconds(timer.Seconds)
            : (TimeSpan?)null;
        return leg with
        {
            SessionInterval = agreed,
            SessionExpiresAt = facts.Now + agreed,
            PeerAllows = response.Headers.Values("Allow") is { IsEmpty: false } allows ? allows : leg.PeerAllows,
        };
    }

    /// <summary>The leg after a 2xx to our re-INVITE, which may name another target; RFC 3261 12.2.1.2.</summary>
    public static Leg Refreshed(Leg leg, SipResponse response) =>
        leg with { RemoteTarget = response.Target ?? leg.RemoteTarget };

    public static SendAck Ack(ActionKey invite, Leg leg, string variant = "") =>
        new(invite with { Method = "ACK", Variant = variant }, invite, leg.RemoteTarget!, leg.RemoteTag, leg.RouteSet)
        {
            From = leg.LocalAddress,
            FromTag = leg.LocalTag,
            To = leg.RemoteAddress,
            CallId = leg.CallId,
        };

    /// <summary>A BYE with the next CSeq; the caller counts it in the leg it keeps.</summary>
    public static SendRequest Bye(AggregateId id, string owner, Leg leg, string variant = "")
    {
        var cseq = leg.LocalCSeq + 1;
        return new(new(id, owner, "BYE", cseq, variant), Request(leg, "BYE", cseq));
    }

    /// <summary>RFC 3261 15.1.1: BYE ends an early dialog too, where no CANCEL finds the INVITE any more.</summary>
    public static SendRequest? ByeToRinging(Conference conference, Participant invitee) =>
        invitee.Leg.Early is { } early
            ? Bye(conference.Id, invitee.Id, invitee.Leg with
            {
                RemoteTag = early.RemoteTag,
                RemoteTarget = early.RemoteTarget,
                RouteSet = early.RouteSet,
            }, Tokens.Digest(early.RemoteTag))
            : null;

    public static OutgoingRequest Request(Leg leg, string method, long cseq) => new()
    {
        Method = method,
        Uri = leg.RemoteTarget!,
        From = leg.LocalAddress,
        FromTag = leg.LocalTag,
        To = leg.RemoteAddress,
        ToTag = leg.RemoteTag,
        CallId = leg.CallId,
        CSeq = cseq,
        Headers = Routes(leg.RouteSet),
    };

    public static SipHeaders Routes(ImmutableArray<string> routeSet) =>
        new([.. routeSet.Select(route => new SipHeader("Route", route))]);
}
