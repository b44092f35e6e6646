using System.Collections.Immutable;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Notifications;

/// <summary>
/// IM 7.2.1.7/10 and IM 7.2.1.8/3: NOTIFYs of the event package refer, RFC 3515 2.4. One at a time waits for its
/// answer; what happens to a target meanwhile is told with its latest status.
/// </summary>
internal static class ReferProgress
{
    public const string Package = "refer";
    public const int MaxReferrals = 64;

    private const string MediaType = "message/sipfrag;version=2.0";

    /// <summary>A response to what was sent to the participant.</summary>
    public static Conference Report(Conference conference, string participant, SipStatus status)
    {
        if (status.Code == SipStatus.Trying.Code)
            return conference;

        foreach (var referral in conference.Referrals.Values)
        {
            for (var i = 0; i < referral.Targets.Length; i++)
            {
                var target = referral.Targets[i];
                if (target.Participant == participant && !target.Status.IsFinal && target.Status != status)
                    conference = With(conference, referral, i, target with { Status = status, IsTold = false });
            }
        }

        return conference;
    }

    /// <summary>Tells what is not told, where nothing waits for its answer.</summary>
    public static Decision Flush(Conference conference, Facts facts)
    {
        if (conference.Referrals.IsEmpty)
            return Decision.Of(conference);

        var decision = Decision.Of(conference);
        foreach (var referral in conference.Referrals.Values)
            decision = decision.Then(next => Flush(next, referral, facts));
        return decision;
    }

    public static DateTimeOffset NextDue(Referral referral) =>
        referral.Subscription.AnswerBy ?? referral.Subscription.ExpiresAt;

    public static Conference OnResponse(Conference conference, ActionKey key, SipResponse response)
    {
        if (!response.Status.IsFinal
            || !conference.Referrals.TryGetValue(key.Owner, out var referral)
            || referral.Subscription.LocalCSeq != key.CSeq)
            return conference;

        // RFC 6665 4.2.2: who does not take it is told no more.
        var isOver = referral.Subscription.IsTold || !response.Status.IsSuccess;
        return isOver ? Without(conference, referral) : With(conference, referral with
        {
            Telling = null,
            Subscription = referral.Subscription with { AnswerBy = null },
        });
    }

    /// <summary>What nobody has answered in time is not answered any more: 408, and then nothing.</summary>
    public static Conference OnTimeElapsed(Conference conference, Facts facts)
    {
        foreach (var referral in conference.Referrals.Values)
        {
            if (NextDue(referral) > facts.Now)
                continue;

            conference = referral.Subscription.AnswerBy is not null || IsDone(referral)
                ? Without(conference, referral)
                : With(conference, referral with
                {
                    Targets = [.. referral.Targets.Select(target => target.Status.IsFinal
                        ? target
                        : target with { Status = SipStatus.RequestTimeout, IsTold = false })],
                    Subscription = referral.Subscription with
                    {
                        ExpiresAt = facts.Now + facts.Operator.TransactionDeadline,
                    },
                });
        }

        return conference;
    }

    /// <summary>Whether the NOTIFY in flight has arrived nobody will say: it goes again.</summary>
    public static Conference OnLinkRestarted(Conference conference)
    {
        foreach (var referral in conference.Referrals.Values)
        {
            if (referral.Telling is { } telling)
                conference = With(conference, referral with
                {
                    Telling = null,
                    Targets = referral.Targets.SetItem(telling, referral.Targets[telling] with { IsTold = false }),
                    Subscription = referral.Subscription with { AnswerBy = null, IsTold = false },
                });
        }

        return conference;
    }

    /// <summary>A NOTIFY may not have left before the node went: its answer has the whole time.</summary>
    public static Conference OnNodeStarted(Conference conference, Facts facts)
    {
        foreach (var referral in conference.Referrals.Values)
        {
            var patient = NotifyAnswer.OnNodeStarted(referral.Subscription, facts);
            if (!ReferenceEquals(patient, referral.Subscription))
                conference = With(conference, referral with { Subscription = patient });
        }

        return conference;
    }

    private static Decision Flush(Conference conference, Referral referral, Facts facts)
    {
        if (referral.Leg is { } id && conference.Participants.GetValueOrDefault(id) is not { IsAttending: true })
            return Decision.Of(Without(conference, referral));

        var next = 0;
        while (next < referral.Targets.Length && referral.Targets[next].IsTold)
            next++;
        if (next == referral.Targets.Length
            || referral.Subscription.AnswerBy is not null
            || IsHeld(conference, referral))
            return Decision.Of(conference);

        var target = referral.Targets[next] with { IsTold = true };
        var told = referral with { Targets = referral.Targets.SetItem(next, target), Telling = next };
        var isLast = IsDone(told);
        var subscription = referral.Subscription with
        {
            LocalCSeq = CSeqOf(conference, referral),
            AnswerBy = facts.Now + facts.Operator.TransactionDeadline,
            IsTold = isLast,
        };
        return Decision.Of(
            With(CountIn(conference, referral, subscription.LocalCSeq), told with { Subscription = subscription }),
            Notify(conference, referral.Leg, subscription, target, isList: referral.Targets.Length > 1, facts));
    }

    // Nothing else goes in a dialog whose re-INVITE is told by its CSeq.
    private static bool IsHeld(Conference conference, Referral referral) =>
        referral.Leg is { } id
        && conference.Participants[id].Leg.Reconnection?.Stage == ReconnectionStage.Proposing;

    private static long CSeqOf(Conference conference, Referral referral) =>
        1 + (referral.Leg is { } id ? conference.Participants[id].Leg.LocalCSeq : referral.Subscription.LocalCSeq);

    private static Conference CountIn(Conference conference, Referral referral, long cseq)
    {
        if (referral.Leg is not { } id)
            return conference;

        var participant = conference.Participants[id];
        return conference.With(participant with { Leg = participant.Leg with { LocalCSeq = cseq } });
    }

    private static SendRequest Notify(
        Conference conference, string? leg, Subscription subscription, ReferralTarget target, bool isList, Facts facts)
    {
        var state = subscription.IsTold
            ? "terminated;reason=noresource"
            : SubscriptionDialog.StateOf(subscription, facts.Now);

        // In the leg's dialog the peer may have moved since his REFER.
        var current = leg is null ? subscription : subscription with
        {
            RemoteTarget = conference.Participants[leg].Leg.RemoteTarget!,
        };
        var request = SubscriptionDialog.Notify(
            current, subscription.LocalCSeq, $"<{conference.SessionIdentity}>;{FeatureTags.Focus};{FeatureTags.Im}",
            Package, state);
        return new(new(conference.Id, subscription.Id, "NOTIFY", subscription.LocalCSeq), request with
        {
            Headers = request.Headers.With("Content-Type", MediaType),
            Body = Encoding.UTF8.GetBytes(
                $"SIP/2.0 {target.Status}\r\n" + (isList ? $"To: <{target.Address}>\r\n" : "")),
        });
    }

    private static bool IsDone(Referral referral) =>
        referral.Targets.All(target => target is { Status.IsFinal: true, IsTold: true });

    private static Conference With(Conference conference, Referral referral, int position, ReferralTarget target) =>
        With(conference, conference.Referrals[referral.Subscription.Id] is var latest
            ? latest with { Targets = latest.Targets.SetItem(position, target) }
            : referral);

    private static Conference With(Conference conference, Referral referral) =>
        conference with { Referrals = conference.Referrals.SetItem(referral.Subscription.Id, referral) };

    private static Conference Without(Conference conference, Referral referral) =>
        conference with { Referrals = conference.Referrals.Remove(referral.Subscription.Id) };
}
