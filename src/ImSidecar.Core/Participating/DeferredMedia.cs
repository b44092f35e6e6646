using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Core.Participating;

/// <summary>Offers and answers of sessions with the message store: what flows goes one way, RFC 4975 8.</summary>
internal static class DeferredMedia
{
    /// <summary>What a kept message may come as, App. D.2.</summary>
    private static readonly ImmutableArray<string> _forms =
        ["message/cpim", "message/sip", "message/sipfrag", "multipart/mixed"];

    private static readonly ImmutableArray<string> _wrapped =
        ["message/msrp", "message/sip", "message/sipfrag", "*"];

    /// <summary>Our offer to a user who is to get what was kept.</summary>
    public static LegMedia Offer(string name, Facts facts)
    {
        var leg = MediaNegotiation.NewLeg(facts, name);
        _ = MsrpUri.TryParse(leg.LocalUri, out var uri);
        var description = SessionDescription.Offer(leg.DescriptionId, leg.DescriptionVersion, facts.Operator.MsrpHost, new()
        {
            Port = uri.EffectivePort,
            Path = [uri],
            AcceptTypes = _forms,
            AcceptWrappedTypes = _wrapped,
            MaxSize = facts.Operator.MaxMessageSize,
            Setup = SetupRole.ActPass,
            Direction = MediaDirection.SendOnly,
        });
        return leg with { LocalDescription = description.ToBytes() };
    }

    /// <summary>The user's answer to our offer; null if he takes no MSRP, or nothing.</summary>
    public static LegMedia? Accept(LegMedia leg, ReadOnlyMemory<byte> answer) =>
        SessionDescription.TryParse(answer.Span, out var description)
            && description.TryFindMsrp(out _, out var media)
            && !media.IsTls
            && media.Direction is MediaDirection.SendRecv or MediaDirection.RecvOnly
            // RFC 4975 8.1: without a=setup the offerer connects, and that is us.
            ? MediaNegotiation.Remote(leg, media) with { Connects = media.Setup is null or SetupRole.Passive }
            : null;
}
