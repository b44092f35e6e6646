using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// IM 7.2.1.2 and IM 7.2.1.3, their last two lists: what an invitee's response means for him, the inviter and the
/// session.
/// </summary>
internal static class SetupOutcome
{
    public static Decision OnResponse(
        Conference conference, ActionKey key, SipResponse response, Facts facts, bool isStray = false)
    {
        var invitee = conference.Participants.GetValueOrDefault(key.Owner);
        if (invitee is null || invitee.Leg.State != LegState.Inviting)
        {
            // Another fork's is ended, RFC 3261 13.2.2.4; a copy of the accepted one is acknowledged by the link.
            if (response.Status.IsSuccess && response.ToTag != invitee?.Leg.RemoteTag)
                return EndFork(conference, key, response, isStray);

            return isStray && invitee is not null
                ? Decision.Of(conference, LegDialog.Ack(key, invitee.Leg))
                : Decision.Of(conference);
        }

        return response.Status.Code switch
        {
            180 => OnInviteRinging(conference, invitee, response),
            < 200 => Decision.Of(conference),
            < 300 when invitee.Leg.LeftEarly.Contains(response.ToTag ?? "") =>
                OnAcceptedAndLeft(conference, key, invitee, response, facts),
            < 300 when invitee.Invitation == Invitation.Cancelling =>
                OnAcceptedTooLate(conference, key, invitee, response, facts),
            < 300 => OnInviteAccepted(conference, key, invitee, response, facts),
            // What the link answers in place of the network says nothing of the invitee but that he was not reached.
            not 408 when response.IsLocal =>
                OnInviteRefused(conference, invitee, SipStatus.TemporarilyUnavailable.Code, facts),
            var code => OnInviteRefused(conference, invitee, code, facts),
        };
    }

    private static Decision OnInviteRinging(Conference conference, Participant invitee, SipResponse response)
    {
        if (invitee.Invitation != Invitation.Pending)
            return Decision.Of(conference);

        // IM 7.9.1.1.5/2c-ii-D; the inviter hears the first one only, and until he is answered nothing else is visible.
        var next = conference.WithVisible(invitee with
        {
            Invitation = Invitation.Ringing,
            Leg = invitee.Leg with { Early = LegDialog.EarlyOf(response) },
        });
        return conference.RosterRevision == 0
            && conference.Inviter() is { Leg: { State: LegState.Offered, Transaction: { } transaction } leg }
            ? Decision.Of(next, new Respond(transaction, SipStatus.Ringing)
            {
                Headers = SipHeaders.Of(("Contact", SessionAccepted.FocusContact(conference)))
                    .WithCharging(leg.Charging),
                RecordRoute = true,
            })
            : Decision.Of(next);
    }

    public static Decision OnInviteAccepted(
        Conference conference, ActionKey key, Participant invitee, SipResponse response, Facts facts)
    {
        var media = MediaNegotiation.Accept(invitee.Leg.Media, response.Body, facts);
        if (media is null || LegDialog.Established(invitee.Leg, response) is not { } established)
        {
            return EndFork(conference, key, response)
                .Then(next => OnInviteRefused(next, invitee, SipStatus.NotAcceptableHere.Code, facts));
        }

        var joined = invitee with
        {
            Invitation = Invitation.Accepted,
            AnswerBy = null,
            Leg =
                LegDialog.WithAgreedTimer(established, response, facts) with { State = LegState.Active, Media = media },
        };

        // IM 7.9.1.1.5/2a-iv: one who answers with privacy is anonymous from then on.
        if (AuthenticatedOriginator.AsksPrivacy(response.Headers))
        {
            joined = ChatAlias.Give(joined);

            // Nobody is to take the one who rang under his address for still ringing.
            if (invitee.IsShown)
                conference = ParticipantRemoval.Depart(conference, invitee, DisconnectionMethod.Departed);
        }

        // Who only records is nobody to talk to: the inviter waits on, and is the one to see it.
        var inviter = conference.Inviter() is { Leg.State: LegState.Offered } waiting ? waiting : null;
        var isSeen = inviter is null || !joined.IsHistory;
        var decision = Decision.Of(isSeen ? conference.WithVisible(joined) : conference.With(joined),
            LegOpening.Of(conference, joined),
            LegDialog.Ack(key, joined.Leg)).Then(next => MediaLoss.MoveOn(next, joined.Id, facts));

        // IM 7.2.1.2/ok-1, IM 7.2.1.3/ok-1: later ones only join.
        return inviter is not null && !joined.IsHistory
            ? decision.Then(next => AnswerInviter(next, inviter, media, facts))
            : decision.Then(next => CheckOutstanding(next, facts));
    }

    public static Decision AnswerInviter(Conference conference, Participant inviter, LegMedia accepted, Facts facts)
    {
        var leg = inviter.Leg.Media;
        var isGroup = conference.IsGroup;

        // IM 7.2.1.2/ok-2, IM 7.2.1.2/ok-2a, IM 7.2.1.2/ok-2b, IM 7.2.1.3/ok-2, IM 7.2.1.3/ok-2a; an INVITE
        // without offer gets ours.
        var media = leg.Offer.IsEmpty
            ? MediaNegotiation.Offer(leg, facts, facts.Operator.AcceptWrappedTypes, isGroup)
            : MediaNegotiation.Answer(leg, leg.Offer, facts, isGroup, accepted) ?? leg;

        // IM 7.2.1.2/ok-3, IM 7.2.1.2/ok-4, IM 7.2.1.3/ok-3, IM 7.2.1.3/ok-4
        return SessionAccepted.Response(conference, inviter, media, facts);
    }

    public static Decision OnInviteRefused(Conference conference, Participant invitee, int code, Facts facts)
    {
        // Who rang until we gave up is "temporarily unavailable" to the inviter, not a 487 of our own making.
        var counted = invitee.Invitation == Invitation.Cancelling ? SipStatus.TemporarilyUnavailable.Code : code;
        var without = ParticipantRemoval.Forget(conference, invitee, MethodOf(code)) with
        {
            RefusedWith = conference.RefusedWith.Contains(counted)
                ? conference.RefusedWith
                : conference.RefusedWith.Add(counted),
        };
        var decision = Decision.Of(without, new CloseLeg(invitee.Leg.Media.SessionId));

        return conference.IsOver
            ? decision.Then(next => SessionRelease.Finish(next, facts))
            : decision.Then(next => CheckOutstanding(next, facts));
    }

    private static Decision CheckOutstanding(Conference conference, Facts facts)
    {
        if (conference.Participants.Tally.Unsettled > 0)
            return Decision.Of(conference);

        // IM 7.2.1.2/fail-1, IM 7.2.1.3/fail-1: the last one refused and the inviter still waits.
        if (conference.Inviter() is { Leg: { State: LegState.Offered, Transaction: { } transaction } } inviter)
        {
            var status = RefusalStatus.ForInviter(conference.RefusedWith, facts.Operator.AllRefused);
            var gone = ParticipantRemoval.Forget(conference, inviter, DisconnectionMethod.Failed);
            return Decision.Of(gone, new Respond(transaction, status, "No invited user accepted"))
                .Then(next => SessionRelease.Release(next, facts));
        }

        // IM 7.2.1.2/fail-2, IM 7.2.1.3/fail-2: nobody is left to talk to, the inviter is removed.
        return ReleasePolicy.Decide(conference, left: null, facts.Operator)
            ? SessionRelease.Release(conference, facts)
            : Decision.Of(conference);
    }

    private static DisconnectionMethod MethodOf(int code) =>
        code is 486 or 600 ? DisconnectionMethod.Busy : DisconnectionMethod.Failed;

    // We gave up ringing, the callee answered all the same: he is acknowledged and sent away.
    private static Decision OnAcceptedTooLate(
        Conference conference, ActionKey key, Participant invitee, SipResponse response, Facts facts) =>
        EndFork(conference, key, response)
            .Then(next => OnInviteRefused(next, invitee, SipStatus.RequestTerminated.Code, facts));

    // RFC 3261 15.1.2: his BYE was first and has its 200; his 2xx gets its ACK, and he is not there.
    private static Decision OnAcceptedAndLeft(
        Conference conference, ActionKey key, Participant invitee, SipResponse response, Facts facts)
    {
        var decision = LegDialog.OfFork(response, lastCSeq: 1) is { } fork
            ? Decision.Of(conference, LegDialog.Ack(key, fork, Tokens.Digest(fork.RemoteTag)))
            : Decision.Of(conference);
        return decision.Then(
            next => OnInviteRefused(next, invitee, SipStatus.TemporarilyUnavailable.Code, facts));
    }

    // A BYE has gone into the early dialog when Kamailio restarted: this is the next request.
    private static Decision EndFork(
        Conference conference, ActionKey key, SipResponse response, bool afterBye = false) =>
        LegDialog.OfFork(response, afterBye ? 2 : 1) is { } fork
            ? Decision.Of(conference,
                LegDialog.Ack(key, fork, Tokens.Digest(fork.RemoteTag)),
                LegDialog.Bye(conference.Id, key.Owner, fork, Tokens.Digest(fork.RemoteTag)))
            : Decision.Of(conference);
}
