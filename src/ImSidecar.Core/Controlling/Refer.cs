using System.Collections.Immutable;
using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>What IM 7.2.1.7 and IM 7.2.1.8 share: who refers, the 2xx, and the implicit subscription.</summary>
internal static class Refer
{
    private const string Invite = "INVITE";
    private const string Bye = "BYE";

    public static Decision OnRefer(Conference? conference, ReferRequest request, Facts facts)
    {
        var (referrer, refusal) = Find(conference, request);
        if (referrer is null)
            return refusal!;

        var noted = Note(conference!, request, referrer);
        var methods = request.Targets.Select(target => target.Method).Distinct().ToList();
        return methods switch
        {
            [Invite] => AddParticipants.OnRefer(noted, request, noted.Participants[referrer.Id], facts),
            [Bye] => RemoveParticipants.OnRefer(noted, request, noted.Participants[referrer.Id], facts),
            _ => Refusals.Refuse(
                conference, request, SipStatus.BadRequest, "Refer-To asks for neither INVITE nor BYE alone"),
        };
    }

    /// <summary>
    /// The 2xx, and what its sender is told from now on if he wants to know; RFC 4488, and RFC 5368 for a list.
    /// </summary>
    public static Decision Accept(
        Conference conference, ReferRequest request, Participant referrer, ImmutableArray<ReferralTarget> targets,
        Facts facts)
    {
        var wantsToKnow = WantsToKnow(request, referrer);
        var headers = SipHeaders.Of(
            ("Contact", SessionAccepted.FocusContact(conference)))
            .WithIdentity(conference.FocusAddress(facts.Operator), AssertedIdentity.IsHidden(request, facts))
            .WithCharging(Charging.OfAnswer(request, facts));

        // IM 7.2.1.7/6, IM 7.2.1.8/2a-ii
        if (request.IsInitial)
            headers = headers.With("Supported", "norefersub");

        // IM 7.2.1.7/7, IM 7.2.1.8/2a-iii
        if (!wantsToKnow)
            headers = headers.With("Refer-Sub", "false");

        // IM 7.2.1.7/5, IM 7.2.1.7/8, IM 7.2.1.8/2a-i, IM 7.2.1.8/2a-iv
        var response = new Respond(request.Transaction, SipStatus.Accepted)
        {
            Headers = headers,
            RecordRoute = request.IsInitial,
        };
        return wantsToKnow
            ? Decision.Of(WithReferral(conference, request, referrer, targets, facts), response)
            : Decision.Of(conference, response);
    }

    /// <summary>No more are followed than can be kept; who wants to hear nothing costs nothing.</summary>
    public static Decision? RefuseToFollow(Conference conference, ReferRequest request, Participant referrer) =>
        WantsToKnow(request, referrer) && conference.Referrals.Count >= ReferProgress.MaxReferrals
            ? Refusals.Refuse(conference, request, SipStatus.ServiceUnavailable, "Too many REFERs in progress")
            : null;

    // IM 7.2.1.2/3, IM 7.2.1.3/4, IM 7.2.1.4/4, IM 7.2.1.5/4: whose Allow names no NOTIFY is told nothing there.
    private static bool WantsToKnow(ReferRequest request, Participant referrer) =>
        (request.ReferSub ?? !request.IsList)
        && (request.IsInitial || referrer.Leg.PeerAllows.IsEmpty || referrer.Leg.PeerAllows.Contains("NOTIFY"));

    private static (Participant? Referrer, Decision? Refusal) Find(Conference? conference, ReferRequest request)
    {
        if (!request.IsInitial)
            return conference?.LegOf(request.Dialog) is not { IsAttending: true } leg
                ? (null, Refusals.NoSuchDialog(conference, request))
                : request.CSeq <= leg.Leg.RemoteCSeq
                    ? (null, Refusals.OutOfOrder(conference, request))
                    : (leg, null);

        if (conference is null or { IsOver: true } || !conference.IsCalled(request.Uri))
            return (null, Refusals.NoSuchConference(conference, request));

        if (request.Originator is null)
            return (null, Refusals.Refuse(
                conference, request, SipStatus.Forbidden, "Originator not authenticated"));

        if (request.Contact is null)
            return (null, Refusals.Refuse(conference, request, SipStatus.BadRequest, "Contact is missing"));

        // The same REFER once more: a second subscription would count CSeq from 1 again in the same dialog.
        if (conference.Referrals.Values.Any(each => each.Leg is null && IsSame(each.Subscription, request)))
            return (null, Refusals.Refuse(conference, request, SipStatus.LoopDetected, "Request was received before"));

        return conference.PartsOf(request.Head).FirstOrDefault(part => part.IsAttending) is { } participant
            ? (participant, null)
            : (null, Refusals.Refuse(conference, request, SipStatus.Forbidden, "Not a participant"));
    }

    private static bool IsSame(Subscription subscription, ReferRequest request) =>
        subscription.Dialog.CallId == request.CallId && subscription.Dialog.RemoteTag == request.From.Tag;

    private static Conference Note(Conference conference, ReferRequest request, Participant referrer) =>
        request.IsInitial ? conference : conference.WithDialog(referrer with
        {
            Leg = referrer.Leg with
            {
                RemoteCSeq = request.CSeq,
                RemoteTarget = request.Contact?.Uri ?? referrer.Leg.RemoteTarget,
            },
        });

    private static Conference WithReferral(
        Conference conference, ReferRequest request, Participant referrer, ImmutableArray<ReferralTarget> targets,
        Facts facts)
    {
        var id = "r" + conference.NextNumber;
        var referral = new Referral
        {
            Leg = request.IsInitial ? null : referrer.Id,
            Targets = targets,
            Subscription = new()
            {
                Id = id,
                Dialog = request.Dialog,
                Subscriber = referrer.Address,
                LocalAddress = request.IsInitial
                    ? new NameAddress(request.To.Uri, request.To.DisplayName).ToString()
                    : referrer.Leg.LocalAddress,
                RemoteAddress = request.IsInitial
                    ? new NameAddress(request.From.Uri, request.From.DisplayName).ToString()
                    : referrer.Leg.RemoteAddress,
                RemoteTarget = request.Contact?.Uri ?? referrer.Leg.RemoteTarget!,
                RouteSet = request.IsInitial ? request.RouteSet : referrer.Leg.RouteSet,

                // RFC 3515 2.4.6: each REFER of a dialog is another subscription.
                EventId = request.CSeq.ToString(CultureInfo.InvariantCulture),
                ExpiresAt = facts.Now + facts.Operator.NoAnswer + 2 * facts.Operator.TransactionDeadline,
                RemoteCSeq = request.CSeq,
            },
        };
        return conference with
        {
            NextNumber = conference.NextNumber + 1,
            Referrals = conference.Referrals.SetItem(id, referral),
        };
    }
}
