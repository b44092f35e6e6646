using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>What every INVITE that wants in must have, and the participant that it makes.</summary>
internal static class ArrivingParticipant
{
    /// <summary>The refusal, or null and the MSRP stream that was offered (null: an INVITE without offer).</summary>
    public static Decision? Check(Conference? conference, InviteRequest request, Facts facts, out MsrpMedia? offered)
    {
        offered = null;
        if (request.Contact is null)
            return Refusals.Refuse(conference, request, SipStatus.BadRequest, "Contact is missing");

        if (AuthenticatedOriginator.AsksUnknownPrivacy(request.Headers))
            return Refusals.Refuse(
                conference, request, SipStatus.ServerInternalError, "Privacy of that kind is not supported");

        if (SessionRefresh.IsTooSmall(request, facts))
            return SessionRefresh.RefuseInterval(conference, request, facts);

        return request.Offer is { } body && !MediaNegotiation.TryReadOffer(body, facts, out _, out _, out offered)
            ? Decision.Of(conference, NotAcceptable(request, request.Offer, facts))
            : null;
    }

    /// <summary>The participant whose INVITE waits for our answer.</summary>
    public static Participant Of(InviteRequest request, SipUri originator, string id, Facts facts)
    {
        var participant = new Participant
        {
            Id = id,
            Address = originator.Bare,
            OtherAddresses = Others(request, originator),
            Entity = originator.Bare.Text,
            DisplayName = DisplayName.Of(request, facts.Group),
            Leg = new()
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
                Media = MediaNegotiation.NewLeg(facts, id) with
                {
                    Offer = request.Offer ?? default,
                    MayWritePrivately = PrivateMessagePolicy.Allows(Joiner.Of(request), facts),
                },
                SessionInterval = SessionRefresh.Interval(request, facts),
                PeerAllows = request.Headers.Values("Allow"),
                HidesIdentity = AssertedIdentity.IsHidden(request, facts),
                Charging = Charging.OfAnswer(request, facts),
            },
        }.WithRoles(Joiner.Of(request), facts);

        // IM 7.2.1.3/6, IM 7.2.1.4/6, IM 7.2.1.5/6, IM 7.2.3.2
        if (AuthenticatedOriginator.AsksPrivacy(request))
            participant = ChatAlias.Give(participant);

        return participant;
    }

    // IM 5.1: of two asserted identities both are the user, RFC 3325 9.1.
    private static ImmutableArray<SipUri> Others(InviteRequest request, SipUri originator) =>
        [.. request.Head.Identities.Select(identity => identity.Uri.Bare).Where(uri => !uri.SameAddress(originator))];

    /// <summary>488 with a description of what we support; a change is refused the same way.</summary>
    public static Respond NotAcceptable(ImRequest request, ReadOnlyMemory<byte>? offer, Facts facts) =>
        new(request.Transaction, SipStatus.NotAcceptableHere, MediaNegotiation.Complaint(offer, facts))
        {
            Headers = SipHeaders.Of(("Content-Type", "application/sdp")),
            Body = MediaNegotiation.Supported(facts),
        };
}
