using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Client.Messages;

/// <summary>The call by which the server brings what it kept for us, App. D.2 A.</summary>
public static class DeferredPush
{
    /// <summary>Of a client that takes deferred messages as App. D.2 packs them.</summary>
    public static MsrpOptions AnyForm { get; } = new()
    {
        AcceptTypes = ["message/cpim", "message/sip", "message/sipfrag", "multipart/mixed"],
        AcceptWrappedTypes = ["*"],
        ChatRoom = null,
    };

    /// <summary>Of a client that knows nothing of that.</summary>
    public static MsrpOptions CpimOnly { get; } = AnyForm with { AcceptTypes = ["message/cpim"] };

    /// <summary>Only a store calls to speak and not to listen.</summary>
    public static bool IsOne(IncomingCall call) =>
        SessionDescription.TryParse(call.Invite.SdpBody.Span, out var offer)
        && offer.TryFindMsrp(out _, out var media)
        && media.Direction == MediaDirection.SendOnly;
}
