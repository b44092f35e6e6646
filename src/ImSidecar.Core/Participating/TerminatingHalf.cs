using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Participating;

/// <summary>IM 13: a request to a served user gets through by his access rules, if he is there for it.</summary>
internal static class TerminatingHalf
{
    public const string NotAvailable = "User is not available";

    private const string RetryAfter = "10";
    private static readonly ImmutableArray<string> _pageMode = ["pager-mode-message"];

    public static Effect OnRequest(ServedUser? user, PassingRequest request, Facts facts)
    {
        var who = Caller.Of(request, facts.Operator, facts.Served?.Hidden);
        var passed = new PassOn(request.Transaction, SessionCase.Terminating)
        {
            RecordRoute = OriginatingHalf.MakesDialog(request),
        };

        if (GroupPolicy.OperatorBars(who, facts.Operator) is { Allowed: false } barred)
            return new Respond(request.Transaction, SipStatus.Forbidden, barred.Reason);

        if (user is { Settings.IsActive: false })
            return Unavailable(request);

        // What he sends to his other devices asks nobody.
        if (IsHimself(user, request, facts.Operator.Participating))
            return passed;

        // Without them nobody can say who is blocked: nobody gets through, and everybody may try again.
        if (facts.Served?.Rules is not { } rules)
            return Unavailable(request) with
            {
                Headers = SipHeaders.Of(("Retry-After", RetryAfter)),
                Explanation = facts.Served?.RulesProblem,
            };

        // The rules first: who is refused learns nothing of whether the user is there.
        var circumstances = new RuleCircumstances
        {
            Now = facts.Now,
            Service = facts.Operator.ServiceName,
            Media = request.Method == "MESSAGE" ? _pageMode : GroupPolicy.Media,
        };
        var verdict = Decide(rules, request, who, circumstances, facts.Operator);
        if (!verdict.Verdict.Allowed)
            return Reject(request, verdict.Verdict, facts.Operator.Participating);

        // IM D.2/intro-1
        if (!IsThere(user, facts))
            return KeepForUser.OnRequest(user, request, rules, who, circumstances, facts);

        return request.Method == "INVITE"
            ? AnswerMode.Apply(
                passed, request, verdict.Handling, rules, who, circumstances, facts.Operator.Precedence)
            : passed;
    }

    // Only invitations have rules of their own: a session, a message, being sent somewhere. The block list is for all.
    private static InviteVerdict Decide(
        ResolvedUser rules, PassingRequest request, Requester who, RuleCircumstances circumstances,
        OperatorPolicy policy)
    {
        if (request.Method is not ("INVITE" or "MESSAGE" or "REFER"))
            return new(InviteHandling.Pass, UserRules.DecideContact(rules, who));

        var unsaid = who.IsAnonymous && policy.Participating.RejectAnonymous
            ? InviteHandling.Reject
            : InviteHandling.Pass;
        return UserRules.DecideInvite(rules, who, circumstances, policy.Precedence, unsaid);
    }

    private static Respond Reject(PassingRequest request, Verdict verdict, ParticipatingPolicy policy)
    {
        if (request.Method == "MESSAGE" && policy.PoliteBlock)
            return new(request.Transaction, SipStatus.Accepted) { Explanation = verdict.Explanation };

        // The same as for one who is away, to the letter.
        return policy.RejectStatus == SipStatus.TemporarilyUnavailable
            ? Unavailable(request) with { Explanation = verdict.Explanation }
            : new(request.Transaction, policy.RejectStatus, "Refused by the user's choice")
            {
                Explanation = verdict.Explanation,
            };
    }

    // Where nobody tells of registrations, or nobody has told yet, the core knows who is there.
    private static bool IsThere(ServedUser? user, Facts facts) =>
        user?.Settings.IsVisible != false
        && (facts.Operator.Participating.Sources.IsEmpty
            || user?.IsRegistered(facts.Now) == true
            || !WatchRegistrations.HasToldAll(user, facts));

    // In a domain that nobody is served in, somebody else may be called like his number.
    private static bool IsHimself(ServedUser? user, PassingRequest request, ParticipatingPolicy policy)
    {
        var address = user?.Address ?? request.Uri;
        return request.Head.Identities.Any(identity => identity.Uri.SamePerson(address)
            || ((identity.Uri.Scheme == "tel" || policy.Serves(identity.Uri))
                && ServedAddress.KeyOf(identity.Uri) == ServedAddress.KeyOf(address)));
    }

    public static Respond Unavailable(PassingRequest request) =>
        new(request.Transaction, SipStatus.TemporarilyUnavailable, NotAvailable);
}
