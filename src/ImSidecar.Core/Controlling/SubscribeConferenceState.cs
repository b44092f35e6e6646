using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Notifications;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.12 Subscribing to Participant information, with IM 7.9.1.1.4 where it says more.</summary>
internal static class SubscribeConferenceState
{
    public static Decision OnSubscribe(Conference? conference, SubscribeRequest request, Facts facts)
    {
        if (request.Event != Capabilities.Event)
            return Refusals.Refuse(conference, request, SipStatus.BadEvent,
                "Only the conference event package is supported", ("Allow-Events", Capabilities.Event));

        if (!AcceptedBody.Includes(request, ConferenceInfoXml.MediaType))
            return Refusals.Refuse(conference, request, SipStatus.NotAcceptable,
                "Only " + ConferenceInfoXml.MediaType + " is told", ("Accept", ConferenceInfoXml.MediaType));

        if (SubscriptionDialog.TooBrief(request, facts) is { } tooBrief)
            return Decision.Of(conference, tooBrief);

        return request.IsInitial
            ? OnInitial(conference, request, facts)
            : OnRefresh(conference, request, facts);
    }

    private static Decision OnInitial(Conference? conference, SubscribeRequest request, Facts facts)
    {
        // IM 7.2.1.12/1, IM 7.2.1.12/2, IM 7.9.1.1.4/1, IM 7.9.1.1.4/2; a released session accepts no subscription,
        // IM 7.9.1.1.6/1.
        var isActive = conference is { IsOver: false } && conference.IsCalled(request.Uri);
        if (!isActive && facts.Group?.IsNone != false)
            return Refusals.NoSuchConference(conference, request);

        // IM 7.9.1.1.4/3
        if (facts.Operator.RequireAcceptContact && !NamesImFeature(request))
            return Refusals.Refuse(conference, request, SipStatus.Forbidden, "Accept-Contact lacks " + FeatureTags.Im);

        // IM 7.2.1.12/3, IM 7.9.1.1.4/4
        if (request.Originator is not { } subscriber)
            return Refusals.Refuse(conference, request, SipStatus.Forbidden, "Originator not authenticated");

        // Nobody attends a group without a session.
        if (!isActive)
            return Refusals.Refuse(conference, request, SipStatus.Forbidden, "Not a participant");

        // The same SUBSCRIBE once more, its transaction long over: a second subscription would count CSeq from 1 again.
        if (conference!.Subscriptions.TryGetValue(request.Dialog, out var known))
            return known.EndReason is null && request.Head.Identities.Any(each => known.Subscriber.SamePerson(each.Uri))
                ? Accept(conference, known, request, facts)
                : Refusals.NoSuchDialog(conference, request);

        // RFC 3261 8.2.2.2: it came by another way before; one watcher is told once.
        if (conference.Subscriptions.OfPeer(request.CallId, request.Dialog.RemoteTag).Any(each =>
            request.CSeq <= each.RemoteCSeq && request.Head.Identities.Any(his => each.Subscriber.SamePerson(his.Uri))))
            return Refusals.Refuse(conference, request, SipStatus.LoopDetected, "Request was received before");

        // IM 7.2.1.12/4, IM 7.9.1.1.4/5
        if (ConferenceStatePolicy.Decide(conference, Joiner.Of(request), facts) is { Allowed: false } verdict)
            return Refusals.Forbid(conference, request, verdict.Reason, verdict.Explanation);

        if (request.Contact is null)
            return Refusals.Refuse(conference, request, SipStatus.BadRequest, "Contact is missing");

        // IM 7.2.1.12/5, IM 7.9.1.1.4/6
        var subscription =
            SubscriptionDialog.Begin(request, "s" + conference.NextNumber, subscriber, request.Contact.Uri, facts);
        return Accept(conference with { NextNumber = conference.NextNumber + 1 }, subscription, request, facts);
    }

    private static Decision OnRefresh(Conference? conference, SubscribeRequest request, Facts facts)
    {
        // RFC 6665 4.4.1: another id is another subscription.
        if (conference is null
            || !conference.Subscriptions.TryGetValue(request.Dialog, out var subscription)
            || subscription.EventId != request.EventId
            || subscription.EndReason is not null)
            return Refusals.NoSuchDialog(conference, request);

        return request.CSeq <= subscription.RemoteCSeq
            ? Refusals.OutOfOrder(conference, request)
            : Accept(conference, SubscriptionDialog.Refresh(subscription, request), request, facts);
    }

    private static Decision Accept(
        Conference conference, Subscription subscription, SubscribeRequest request, Facts facts)
    {
        var duration = SubscriptionDialog.Granted(request, facts);
        var accepted = SubscriptionDialog.Accept(subscription, request, duration, facts);
        var isKnown = ConditionalSubscribe.Holds(conference, subscription, request, facts);
        if (isKnown)
            accepted = ConditionalSubscribe.Apply(conference, subscription, accepted, request, facts);

        // RFC 5839 4.4: 204 says that no NOTIFY follows.
        var isSilent = isKnown && !request.IsInitial;

        // IM 7.2.1.12/5a, IM 7.2.1.12/6, IM 7.2.1.12/7, IM 7.9.1.1.4/7, IM 7.9.1.1.4/8, IM 7.9.1.1.4/9,
        // IM 7.9.1.1.4/9a, IM 7.9.1.1.4/9b, IM 7.9.1.1.4/10, IM 7.9.1.1.4/11
        var response = new Respond(request.Transaction, isSilent ? SipStatus.NoNotification : SipStatus.Ok)
        {
            Headers = SipHeaders.Of(
                ("Expires", SessionRefresh.Seconds(duration)),
                ("Contact", SessionAccepted.FocusContact(conference)),
                ("Supported", "norefersub"),
                ("Allow-Events", Capabilities.Event))
                .WithIdentity(conference.FocusAddress(facts.Operator), AssertedIdentity.IsHidden(request, facts))
                .WithCharging(Charging.OfAnswer(request, facts)),
            RecordRoute = request.IsInitial,
        };

        // Who ends it so has heard the last of it.
        if (isSilent && duration == TimeSpan.Zero)
            return Decision.Of(NotifyOutcome.Without(conference, accepted), response);

        // IM 7.2.1.12/8, IM 7.2.1.12/9, IM 7.9.1.1.4/12, IM 7.9.1.1.4/13: the machine sends what is owed
        // behind this response.
        return Decision.Of(conference.With(accepted), response);
    }

    private static bool NamesImFeature(SubscribeRequest request) =>
        request.Headers.Values("Accept-Contact").Any(value => SipParameters.Find(value, FeatureTags.Im) is not null);
}
