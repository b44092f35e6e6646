using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Participating;

/// <summary>App. D.2, steps 2 to 7: our INVITE to a user for whom messages are kept, and what answers it.</summary>
internal static class PushInvite
{
    // What a client without MSRP, or with other types, answers; RFC 3261 21.4.
    private static readonly ImmutableArray<int> _noMsrp = [405, 406, 415, 420, 488, 493, 501, 606];

    // IM D.2/A2
    public static Outcome<DeferredSession> Send(DeferredSession session, Facts facts)
    {
        var requests = session.Push!.Requests + 1;
        var leg = new Leg
        {
            State = LegState.Inviting,
            CallId = InvitationCallId.Of(facts, session.Id, session.Name),
            LocalTag = facts.Derive("push-tag"),
            LocalAddress = $"<{facts.Operator.Deferred.Uri}>",
            RemoteAddress = $"<{session.Address}>",
            LocalCSeq = requests,
            Media = DeferredMedia.Offer(session.Name, facts),
        };
        var inviting = session with
        {
            Leg = leg,
            Push = session.Push with
            {
                Stage = PushStage.Inviting,
                Requests = requests,
                RetryAt = null,
                AnswerBy = facts.Now + facts.Operator.NoAnswer,
                IsWantedAgain = false,
            },
        };
        return Outcome.Of(
            inviting, DeferredDialog.Open(inviting), new SendRequest(KeyOf(inviting), Request(inviting, facts)));
    }

    public static Outcome<DeferredSession> OnResponse(DeferredSession session, ResponseArrived arrived, Facts facts)
    {
        var response = arrived.Response;
        if (!response.Status.IsFinal)
            return Outcome.Of(session);

        if (session.Leg is not { State: LegState.Inviting } leg || arrived.Key.CSeq != leg.LocalCSeq
            || arrived.IsStray)
            return response.Status.IsSuccess ? EndFork(session, arrived) : Outcome.Of(session);

        if (response.Status.IsSuccess)
            return OnAccepted(session, leg, response, facts);

        var closed = new CloseLeg(leg.Media.SessionId);
        var over = session with { Leg = null };
        return _noMsrp.Contains(response.Status.Code)
            ? Outcome.Of(PushDeferredMessages.InPageMode(over, facts), closed)
            : PushDeferredMessages.Settle(PushDeferredMessages.Rest(over, facts)).Before(closed);
    }

    /// <summary>He does not answer: his phones stop ringing, and it is tried later.</summary>
    public static Outcome<DeferredSession> OnTimeout(DeferredSession session, Facts facts)
    {
        var leg = session.Leg!;
        if (leg.Deadline is null)
        {
            return Outcome.Of(
                session with
                {
                    Leg = leg with { Deadline = facts.Now + facts.Operator.TransactionDeadline },
                    Push = session.Push! with { AnswerBy = facts.Now + facts.Operator.TransactionDeadline },
                },
                new SendCancel(new(session.Id, session.Name, "CANCEL", leg.LocalCSeq), KeyOf(session)));
        }

        return PushDeferredMessages.Settle(PushDeferredMessages.Rest(session with { Leg = null }, facts))
            .Before(new CloseLeg(leg.Media.SessionId));
    }

    private static ActionKey KeyOf(DeferredSession session) =>
        new(session.Id, session.Name, "INVITE", session.Leg!.LocalCSeq);

    // IM D.2/A4, IM D.2/A6
    private static Outcome<DeferredSession> OnAccepted(
        DeferredSession session, Leg leg, SipResponse response, Facts facts)
    {
        if (LegDialog.Established(leg, response) is not { } established)
            return PushDeferredMessages.Settle(PushDeferredMessages.Rest(session with { Leg = null }, facts))
                .Before(new CloseLeg(leg.Media.SessionId));

        var timed = LegDialog.WithAgreedTimer(established, response, facts) with
        {
            State = LegState.Active,
            Deadline = null,
        };
        var ack = LegDialog.Ack(KeyOf(session), timed);
        if (DeferredMedia.Accept(leg.Media, response.Body) is not { } media)
        {
            var refused = PushDeferredMessages.InPageMode(session with { Leg = timed }, facts);
            return DeferredDialog.Leave(refused, facts).Before(ack);
        }

        var open = session with
        {
            Leg = timed with { Media = media },
            Push = session.Push! with { Stage = PushStage.InSession, AnswerBy = null },
            IsDelivering = true,
        };

        // He may have connected before we heard that he accepts; if he has not, the first message waits for him.
        return Outcome.Of(open, DeferredDialog.Open(open), ack, PushDeferredMessages.DeliverOver(open, open.Leg));
    }

    // RFC 3261 13.2.2.4: another phone has answered too, or too late.
    private static Outcome<DeferredSession> EndFork(DeferredSession session, ResponseArrived arrived)
    {
        var isSame = session.Leg is { } known && known.RemoteTag.Length > 0
            && known.RemoteTag == arrived.Response.ToTag && known.LocalCSeq >= arrived.Key.CSeq;
        if (isSame)
            return Outcome.Of(session, LegDialog.Ack(arrived.Key, session.Leg!));

        if (LegDialog.OfFork(arrived.Response, arrived.Key.CSeq) is not { } fork)
            return Outcome.Of(session);

        var variant = Tokens.Digest(fork.RemoteTag);
        return Outcome.Of(
            session,
            LegDialog.Ack(arrived.Key, fork, variant),
            LegDialog.Bye(session.Id, session.Name, fork, variant));
    }

    private static OutgoingRequest Request(DeferredSession session, Facts facts)
    {
        var leg = session.Leg!;
        var policy = facts.Operator.Deferred;
        return new()
        {
            Method = "INVITE",
            Uri = PushDeferredMessages.TargetOf(session, facts),
            From = leg.LocalAddress,
            FromTag = leg.LocalTag,
            To = leg.RemoteAddress,
            CallId = leg.CallId,
            CSeq = leg.LocalCSeq,
            IsAboveRules = true,
            Headers = SipHeaders.Of(
                ("Contact", DeferredDialog.Contact(session, facts)),
                ("Accept-Contact", $"*;{FeatureTags.Im};require;explicit"),
                ("P-Asserted-Identity", $"<{policy.Uri}>"),
                ("Allow", Capabilities.Methods),
                ("Supported", Capabilities.Extensions),
                ("Session-Expires",
                    new SessionExpires((int)facts.Operator.SessionInterval.TotalSeconds, Refresher.Uas).ToString()),
                ("Content-Type", "application/sdp")),
            Body = leg.Media.LocalDescription,
        };
    }
}
