using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;

namespace ImSidecar.Core.Participating;

/// <summary>A kept message as the MESSAGE that its recipient would have got, RFC 3428.</summary>
internal static class PageRequest
{
    public static OutgoingRequest? Of(DeferredSession session, DeferredMessage message, int cseq, Facts facts) => null;
}
