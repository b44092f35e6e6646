using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>App. D.2, IM 11: an INVITE to a user who is away is answered for him, and what is said is kept.</summary>
internal static class AnswerForUser
{
    public static Outcome<DeferredSession> OnInvite(
        DeferredSession? current, AggregateId id, DepositRequest request, Facts facts) =>
        Outcome.Of(current, new Respond(
            request.Transaction, SipStatus.TemporarilyUnavailable, TerminatingHalf.NotAvailable));
}
