using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>How an INVITE is answered that begins a session with the message store; RFC 3261 13.3.</summary>
internal static class DeferredAnswer
{
    private const string RetryAfter = "30";

    private static readonly ImmutableArray<string> _extensions = [.. Capabilities.Extensions.Split(", ")];

    /// <summary>What no session is made of; null: nothing stands against it but perhaps its media.</summary>
    public static Decision? Refusal(ImRequest request, Facts facts)
    {
        if (request.Contact is null)
            return Refusals.Refuse(null, request, SipStatus.BadRequest, "Contact is missing");

        var unknown = request.Headers.Values("Require").Except(_extensions, StringComparer.OrdinalIgnoreCase).ToList();
        if (unknown.Count > 0)
            return Refusals.Refuse(null, request, SipStatus.BadExtension, "Required extension is not supported",
                ("Unsupported", string.Join(", ", unknown)));

        if (AuthenticatedOriginator.AsksUnknownPrivacy(request.Headers))
            return Refusals.Refuse(
                null, request, SipStatus.ServerInternalError, "Privacy of that kind is not supported");

        return SessionRefresh.IsTooSmall(request, facts) ? SessionRefresh.RefuseInterval(null, request, facts) : null;
    }

    /// <summary>There are as many sessions as there may be; null: there is room. A conference calls for many.</summary>
    public static Respond? Crowded(ImRequest request, DeferredFacts known, bool isFocus, Facts facts)
    {
        var policy = facts.Operator.Deferred;
        var warning = known.Sessions >= policy.MaxSessions ? "No room for more sessions"
            : !isFocus && known.SessionsOfCaller >= policy.MaxSessionsPerSender ? "Caller has too many such sessions"
            : null;
        return warning is null ? null : new(request.Transaction, SipStatus.ServiceUnavailable, warning)
        {
            Headers = SipHeaders.Of(("Retry-After", RetryAfter)),
        };
    }

    /// <summary>The dialog of a request that waits for its answer.</summary>
    public static Leg LegOf(ImRequest request, string name, Facts facts) => new()
    {
        State = LegState.Offered,
        CallId = request.CallId,
        LocalTag = request.LocalTag,
        RemoteTag = request.From.Tag ?? "",
        LocalAddress = new NameAddress(request.To.Uri, request.To.DisplayName).ToString(),
        RemoteAddress = new NameAddress(request.From.Uri, request.From.DisplayName).ToString(),
        RemoteTarget = request.Contact!.Uri,
        RouteSet = request.RouteSet,
        RemoteCSeq = request.CSeq,
        Transaction = request.Transaction,
        Media = MediaNegotiation.NewLeg(facts, name),
        SessionInterval = SessionRefresh.Interval(request, facts),
        PeerAllows = request.Headers.Values("Allow"),
        HidesIdentity = AssertedIdentity.IsHidden(request, facts),
        Charging = Charging.OfAnswer(request, facts),
    };

    /// <summary>200, with what the leg says of our side; the switch knows before the peer does.</summary>
    public static Outcome<DeferredSession> Accept(DeferredSession session, Facts facts)
    {
        var leg = session.Leg!;
        var headers = SipHeaders.Of(
            ("Allow", Capabilities.Methods),
            ("Contact", DeferredDialog.Contact(session, facts)),
            ("Server", facts.Operator.ReleaseVersion),
            ("Supported", Capabilities.Extensions),
            ("Content-Type", "application/sdp"))
            .WithCharging(leg.Charging)
            .WithIdentity(facts.Operator.Deferred.Uri!, leg.HidesIdentity);
        if (leg.SessionInterval is { } interval)
            headers = SessionRefresh.WithTimer(headers, interval);

        var response = new Respond(leg.Transaction!, SipStatus.Ok)
        {
            Headers = headers,
            Body = leg.Media.LocalDescription,
            RecordRoute = true,
        };
        var answering = session with
        {
            IdleAt = facts.Now + facts.Operator.Deferred.IdleTimeout,
            Leg = leg with
            {
                State = LegState.Answering,
                Accepted = response,
                SessionExpiresAt = facts.Now + leg.SessionInterval,
                Deadline = facts.Now + facts.Operator.TransactionDeadline,
            },
        };
        return Outcome.Of(answering, DeferredDialog.Open(answering), response);
    }

    /// <summary>The same INVITE once more: by two paths, or when its transaction is over; RFC 3261 8.2.2.2.</summary>
    public static Outcome<DeferredSession> Repeat(DeferredSession session, ImRequest request)
    {
        if (session.Leg is not { } leg || leg.CallId != request.CallId || leg.RemoteTag != request.From.Tag)
            return new(session, Refusals.NoSuchDialog(null, request).Effects);

        return leg is { State: LegState.Answering or LegState.Ending, Accepted: { } accepted }
            ? Outcome.Of(session, accepted with { Transaction = request.Transaction, ToTag = leg.LocalTag })
            : new(session, Refusals.Refuse(
                null, request, SipStatus.LoopDetected, "Request was received before").Effects);
    }
}
