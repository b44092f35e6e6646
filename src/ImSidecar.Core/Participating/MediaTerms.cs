using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Core.Participating;

/// <summary>What we say in SDP about a session with the message store.</summary>
/// <param name="IsDeposit">We only receive; else we only send.</param>
/// <param name="IsFocus">The peer is a conference.</param>
/// <param name="MaxSize">The largest message that we take.</param>
internal sealed record MediaTerms(bool IsDeposit, bool IsFocus, long MaxSize)
{
    /// <summary>What was said before is said again.</summary>
    public static MediaTerms Of(DeferredSession session) => new(
        session.Purpose == DeferredPurpose.Deposit, session.Deposit?.IsFocus == true, SizeOf(session.Leg?.Media));

    /// <summary>Which way messages flow when the peer has it so, RFC 3264 6.1.</summary>
    public MediaDirection Answering(MediaDirection offered) => (IsDeposit, offered) switch
    {
        (true, MediaDirection.SendRecv or MediaDirection.SendOnly) => MediaDirection.RecvOnly,
        (false, MediaDirection.SendRecv or MediaDirection.RecvOnly) => MediaDirection.SendOnly,
        _ => MediaDirection.Inactive,
    };

    private static long SizeOf(LegMedia? media) =>
        media is not null
            && SessionDescription.TryParse(media.LocalDescription.Span, out var own)
            && own.TryFindMsrp(out _, out var said)
            ? said.MaxSize ?? 0
            : 0;
}
