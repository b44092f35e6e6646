using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.7 Adding Participants to IM Group Session request: REFER without method, or with INVITE.</summary>
internal static class AddParticipants
{
    public static Decision OnRefer(Conference conference, ReferRequest request, Participant referrer, Facts facts)
    {
        var asking = Joiner.Of(referrer) with { WantsAnonymity = AuthenticatedOriginator.AsksPrivacy(request) };

        // IM 7.2.1.7/1-a, IM 7.2.1.7/1-b
        if (AddingPolicy.Decide(conference, referrer, asking, facts) is { Allowed: false } verdict)
            return Refusals.Forbid(conference, request, verdict.Reason, verdict.Explanation);

        if (conference.GroupIdentity is not null
            && GroupPolicy.Anonymity(facts.Group ?? GroupFacts.None, asking, facts) is { Allowed: false } seen)
            return Refusals.Forbid(conference, request, seen.Reason, seen.Explanation);

        if (Refer.RefuseToFollow(conference, request, referrer) is { } tooMany)
            return tooMany;

        // IM 7.2.1.7/3, IM 7.2.1.7/3a, IM 7.2.1.7/3b; IM 7.2.1.7/9: whom the policy lets.
        var newcomers = request.Targets
            .Where(target => PartOf(conference, target.Address) is null && !ChatAlias.IsNobody(target.Address))
            .Where(target => AddingPolicy.Target(conference, Joiner.Of(target.Address), asking, facts).Allowed)
            .ToList();

        // IM 7.2.1.7/4
        var counted = newcomers.Count(
            target => !HistoryPolicy.IsHistory(Joiner.Of(target.Address).Who, facts.Operator));
        if (counted > 0 && Capacity.IsExceeded(conference, counted, facts))
            return Refusals.TooMany(conference, request);

        // IM 7.2.1.7/2: those who are invited do not see who invites them.
        var inviter = asking.WantsAnonymity
            ? ChatAlias.Give(referrer)
            : referrer;
        var invited = Decision.Of(conference);
        var charging = Charging.OfInvitations(request, facts, inviter.IsAnonymous);
        foreach (var target in newcomers)
        {
            invited = invited.Then(next => InviteParticipant.Invite(
                next, Invited(target) with { Charging = charging }, inviter,
                facts.Operator.AcceptWrappedTypes, facts));
        }

        // IM 7.2.1.7/10, IM 7.2.1.7/403
        var progress = Progress(invited.Conference!, request);
        var accepted = Refer.Accept(invited.Conference!, request, referrer, progress, facts);
        return accepted with { Effects = accepted.Effects.AddRange(invited.Effects) };
    }

    // Who is in has what the REFER asks for, whoever brought him; who is on his way is followed.
    private static ImmutableArray<ReferralTarget> Progress(Conference conference, ReferRequest request) =>
    [
        .. request.Targets.Select(target => PartOf(conference, target.Address) switch
        {
            null => new ReferralTarget(null, target.Address.Text, SipStatus.Forbidden),
            { IsAttending: true } => new ReferralTarget(null, target.Address.Text, SipStatus.Ok),
            var part => new ReferralTarget(part.Id, target.Address.Text, SipStatus.Trying),
        }),
    ];

    // Who is anonymous is there under his alias only. Under his address he is invited like one who is not there: an
    // answer without it would tell that he is.
    private static Participant? PartOf(Conference conference, SipUri user) =>
        conference.PartsKnownAs(user).FirstOrDefault(part => part.HasPlace);

    private static Invitee Invited(ReferTarget target) =>
        new(target.Address, DisplayName.Bounded(target.DisplayName))
        {
            Replaces = target.Replaces,
            PersonKey = target.PersonKey,
        };
}
