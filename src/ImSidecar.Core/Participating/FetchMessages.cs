using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>IM 11: a user calls the deferred-messaging URI for what is kept for him.</summary>
internal static class FetchMessages
{
    public static Outcome<DeferredSession> OnInvite(
        DeferredSession? current, AggregateId id, InviteRequest request, Facts facts) =>
        new(current, Refusals.NoSuchConference(null, request).Effects);
}
