using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.11 SIP Session refresh procedure, by RFC 4028.</summary>
internal static class SessionRefresh
{
    /// <summary>True if the request asks for less than we allow: to be answered 422 with Min-SE.</summary>
    public static bool IsTooSmall(ImRequest request, Facts facts) =>
        SupportsTimer(request)
        && Asked(request) is { } asked
        && asked.Seconds < facts.Operator.MinSessionInterval.TotalSeconds;

    public static Decision RefuseInterval(Conference? conference, ImRequest request, Facts facts) =>
        Refusals.Refuse(conference, request, SipStatus.SessionIntervalTooSmall, "Session interval is too small",
            ("Min-SE", Seconds(facts.Operator.MinSessionInterval)));

    /// <summary>The interval for a peer with session timers, never above what he asked; null for one without.</summary>
    public static TimeSpan? Interval(ImRequest request, Facts facts)
    {
        if (!SupportsTimer(request))
            return null;

        var asked = Asked(request);

        // RFC 4028 9: a peer who insists that we refresh is left without a timer unless policy makes him the refresher.
        if (asked?.Refresher == Refresher.Uas && !facts.Operator.ForceUacRefresher)
            return null;

        var interval = facts.Operator.SessionInterval;
        if (asked is { } wanted && wanted.Seconds < interval.TotalSeconds)
            interval = TimeSpan.FromSeconds(wanted.Seconds);

        var least = SessionExpires.TryParse(request.Headers.First("Min-SE"), out var minimum) ? minimum.Seconds : 0;
        return interval.TotalSeconds < least ? TimeSpan.FromSeconds(least) : interval;
    }

    // IM 7.2.1.11/1
    public static Leg Restart(Leg leg, ImRequest request, Facts facts)
    {
        var interval = Interval(request, facts);
        return leg with { SessionInterval = interval, SessionExpiresAt = facts.Now + interval };
    }

    public static SipHeaders WithTimer(SipHeaders headers, TimeSpan interval) => headers
        .With("Session-Expires", new SessionExpires((int)interval.TotalSeconds, Refresher.Uac).ToString())
        .With("Require", "timer");

    // IM 7.2.1.11/exp
    public static Decision OnTimerExpired(Conference conference, Participant participant, Facts facts) =>
        ParticipantRemoval.Remove(conference, participant, facts);

    public static string Seconds(TimeSpan time) => ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    private static bool SupportsTimer(ImRequest request) =>
        request.Headers.HasToken("Supported", "timer") || request.Headers.HasToken("Require", "timer");

    private static SessionExpires? Asked(ImRequest request) =>
        SessionExpires.TryParse(request.Headers.First("Session-Expires"), out var asked) ? asked : null;
}
