using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.2 Ad-hoc IM Group setup request.</summary>
internal static class AdHocGroupSetup
{
    private const int MaxCarried = 1024;

    private static readonly ImmutableArray<string> _carried = ["Subject", "Contribution-ID"];

    public static Decision OnInvite(Conference? conference, AggregateId id, InviteRequest request, Facts facts)
    {
        // The id is derived from the INVITE: what finds a conference here was sent before.
        if (conference is not null)
            return OnRepeated(conference, request);

        // IM 7.2.1.2/1
        if (!facts.Operator.ConferenceFactory.SameAddress(request.Uri))
            return Refusals.NoSuchFactory(request);

        // IM 7.2.1.2/2
        if (request.Originator is not { } originator)
            return Refusals.Refuse(null, request, SipStatus.Forbidden, "Originator not authenticated");

        if (InitiationPolicy.Decide(originator, facts.Operator) is { Allowed: false } verdict)
            return Refusals.Refuse(null, request, SipStatus.Forbidden, verdict.Reason);

        if (request.Contact is null)
            return Refusals.Refuse(null, request, SipStatus.BadRequest, "Contact is missing");

        if (SessionRefresh.IsTooSmall(request, facts))
            return SessionRefresh.RefuseInterval(null, request, facts);

        // IM 7.2.1.2/6: checked before anything is created.
        MsrpMedia? offered = null;
        if (request.Offer is { } body && !MediaNegotiation.TryReadOffer(body, facts, out _, out _, out offered))
            return Decision.Of(null, NotAcceptable(request, facts));

        if (!RecipientListReader.TryRead(request, originator, out var invitees, out var problem))
            return Refusals.Refuse(null, request, SipStatus.BadRequest, problem);

        // IM 7.2.1.2/7
        if (invitees.Length + 1 > facts.Operator.MaxAdHocParticipants)
            return Refusals.Refuse(null, request, SipStatus.BusyHere, "Too many participants");

        var created = Create(id, request, originator, invitees.Length, facts);
        var inviter = created.Participants.Values.First();
        var wrapped = MediaNegotiation.CommonWrapped(offered, facts);

        // IM 7.2.1.2/8
        var decision = Decision.Of(created);
        foreach (var invitee in invitees)
            decision = decision.Then(each => InviteParticipant.Invite(each, invitee, inviter, wrapped, facts));

        return decision;
    }

    // RFC 3261 8.2.2.2 for one that took two paths; the stored answer for one whose transaction is over.
    private static Decision OnRepeated(Conference conference, InviteRequest request)
    {
        // What was answered is told to nobody but the one who asked.
        if (conference.Inviter() is not { } inviter
            || request.Originator is not { } originator
            || !inviter.Address.SameAddress(originator))
            return Refusals.NoSuchDialog(conference, request);

        return inviter.Leg.State == LegState.Answering && inviter.Leg.Accepted is { } accepted
            ? Decision.Of(
                conference, accepted with { Transaction = request.Transaction, ToTag = inviter.Leg.LocalTag })
            : Refusals.Refuse(conference, request, SipStatus.LoopDetected, "Request was received before");
    }

    private static Conference Create(
        AggregateId id, InviteRequest request, SipUri originator, int invitees, Facts facts)
    {
        var isAnonymous = AuthenticatedOriginator.AsksPrivacy(request);
        var inviter = new Participant
        {
            Id = "p1",
            Address = originator.Bare,
            Entity = isAnonymous ? AuthenticatedOriginator.AnonymousEntity(1) : originator.Bare.Text,
            IsAnonymous = isAnonymous,
            // IM 7.2.1.2/4
            DisplayName = isAnonymous ? null : DisplayName.Of(request),
            IsInviter = true,
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
                Media = MediaNegotiation.NewLeg(facts, "p1") with { Offer = request.Offer ?? default },
                SessionInterval = SessionRefresh.Interval(request, facts),
                // IM 7.2.1.2/3
                PeerAllows = request.Headers.Values("Allow"),
            },
        };

        // IM 7.2.1.2/5
        return new Conference
        {
            Id = id,
            SessionIdentity = SipUri.Of("sip", id.Value, facts.Operator.ConferenceFactory.Host),
            Kind = invitees == 1 ? ConferenceKind.OneToOne : ConferenceKind.AdHoc,
            Subject = request.Headers.First("Subject"),
            CarriedHeaders = Carried(request.Headers),
            NextNumber = 2,
        }.With(inviter);
    }

    // By look-up, for Subject may come in its compact form. What is no text, or too long, is left out.
    private static ImmutableArray<SipHeader> Carried(SipHeaders headers) =>
        [.. from name in _carried let value = headers.First(name)
            where value is { Length: <= MaxCarried } && !value.Any(char.IsControl)
            select new SipHeader(name, value)];

    private static Respond NotAcceptable(InviteRequest request, Facts facts) =>
        new(request.Transaction, SipStatus.NotAcceptableHere, MediaNegotiation.Unsupported)
        {
            Headers = SipHeaders.Of(("Content-Type", "application/sdp")),
            Body = MediaNegotiation.Supported(facts),
        };
}
