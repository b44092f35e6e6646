using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.2 Ad-hoc IM Group setup request.</summary>
internal static class AdHocGroupSetup
{
    public static Decision OnInvite(Conference? conference, AggregateId id, InviteRequest request, Facts facts)
    {
        // The id is derived from the INVITE: what finds a conference here was sent before.
        if (conference is not null)
            return RepeatedInvite.Find(conference, request) is { } earlier
                ? RepeatedInvite.Answer(conference, earlier, request)
                : Refusals.NoSuchDialog(conference, request);

        // IM 7.2.1.2/1
        if (!facts.Operator.ConferenceFactory.SameAddress(request.Uri))
            return Refusals.NoSuchFactory(request);

        // IM 7.2.1.2/2
        if (request.Originator is not { } originator)
            return Refusals.Refuse(null, request, SipStatus.Forbidden, "Originator not authenticated");

        // IM 7.2.1.2/2
        if (InitiationPolicy.Decide(Joiner.Of(request).Who, facts.Operator) is { Allowed: false } verdict)
            return Refusals.Forbid(null, request, verdict.Reason, verdict.Explanation);

        // IM 7.2.1.2/6: checked before anything is created.
        if (ArrivingParticipant.Check(null, request, facts, out var offered) is { } refusal)
            return refusal;

        if (!RecipientListReader.TryRead(
            request, originator, facts.Operator, out var invitees, out var problem))
            return Refusals.Refuse(null, request, SipStatus.BadRequest, problem);

        var verdicts = invitees.Select(each => Allowed(each, request, facts)).ToList();
        if (verdicts.TrueForAll(each => !each.Allowed))
            return Refusals.Forbid(null, request, verdicts[0].Reason, verdicts[0].Explanation);

        // IM 7.2.1.2/7
        if (invitees.Count(each => !IsHistory(each, facts)) + 1 > facts.Operator.MaxAdHocParticipants)
            return Refusals.TooMany(null, request);

        var created = Create(id, request, originator, invitees.Length, facts);
        var inviter = created.Participants.Values.First();
        var wrapped = MediaNegotiation.CommonWrapped(offered, facts);

        // IM 7.2.1.2/8
        var decision = Decision.Of(created);
        foreach (var (invitee, _) in invitees.Zip(verdicts).Where(each => each.Second.Allowed))
            decision = decision.Then(each => InviteParticipant.Invite(each, invitee, inviter, wrapped, facts));

        return decision;
    }

    private static Verdict Allowed(Invitee invitee, InviteRequest request, Facts facts) =>
        InvitationPolicy.Decide(Joiner.Of(invitee.Address).Who, Joiner.Of(request).Who, facts.Operator);

    private static bool IsHistory(Invitee invitee, Facts facts) =>
        HistoryPolicy.IsHistory(Joiner.Of(invitee.Address).Who, facts.Operator);

    private static Conference Create(
        AggregateId id, InviteRequest request, SipUri originator, int invitees, Facts facts)
    {
        // IM 7.2.1.2/3, IM 7.2.1.2/4
        var inviter = ArrivingParticipant.Of(request, originator, "p1", facts) with { IsInviter = true };

        // IM 7.2.1.2/5
        return new Conference
        {
            Id = id,
            SessionIdentity = SipUri.Of("sip", id.Value, facts.Operator.ConferenceFactory.Host),
            Kind = invitees == 1 ? ConferenceKind.OneToOne : ConferenceKind.AdHoc,
            Subject = request.Headers.First("Subject"),
            CarriedHeaders = CarriedHeaders.Of(request, facts),
            NextNumber = 2,
        }.With(inviter).WithGuest(inviter.Id, Joiner.Of(request).Who.Keys, facts.Operator);
    }
}
