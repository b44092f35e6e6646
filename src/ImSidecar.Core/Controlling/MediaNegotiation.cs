using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Core.Controlling;

/// <summary>Offers and answers of a leg towards the MSRP switch, RFC 3264, RFC 4975 8 and RFC 6135.</summary>
internal static class MediaNegotiation
{
    public const string Unsupported = "Only MSRP media that accepts message/cpim is supported";

    private const string Text = "text/plain";
    private const string Nickname = "nickname";
    private const string PrivateMessages = "private-messages";

    public static LegMedia NewLeg(Facts facts, string owner)
    {
        var sessionId = facts.Derive("msrp/" + owner);
        var local = new MsrpUri(facts.Operator.MsrpHost, facts.Operator.MsrpPort, sessionId);
        return new()
        {
            SessionId = sessionId,
            LocalUri = local.ToString(),
            DescriptionId = facts.DeriveNumber("sdp/" + owner),
        };
    }

    /// <summary>The offer's MSRP stream if operator policy allows it.</summary>
    public static bool TryReadOffer(
        ReadOnlyMemory<byte> body, Facts facts, out SessionDescription offer, out int index, out MsrpMedia media)
    {
        index = -1;
        media = null!;
        return SessionDescription.TryParse(body.Span, out offer)
            && offer.TryFindMsrp(out index, out media)
            && !media.IsTls
            && !Types(media, facts).IsEmpty;
    }

    /// <summary>Our offer: to an invitee, or in the 200 to an INVITE without one.</summary>
    public static LegMedia Offer(LegMedia leg, Facts facts, ImmutableArray<string> wrappedTypes, bool isGroup)
    {
        var media = Local(leg, facts, isGroup) with
        {
            AcceptTypes = OfferedTypes(facts),
            AcceptWrappedTypes = wrappedTypes,
            Setup = SetupRole.ActPass,
        };
        var description = SessionDescription.Offer(
            leg.DescriptionId, leg.DescriptionVersion, facts.Operator.MsrpHost, media);
        return leg with { LocalDescription = description.ToBytes() };
    }

    /// <summary>Our last description once more as an offer that leaves open who connects, RFC 3264 8.</summary>
    public static LegMedia OfferAgain(LegMedia leg)
    {
        var version = leg.DescriptionVersion + 1;
        _ = SessionDescription.TryParse(leg.LocalDescription.Span, out var last);
        var offer = last.WithVersion(version).WithSetup(SetupRole.ActPass);
        return leg with { DescriptionVersion = version, LocalDescription = offer.ToBytes() };
    }

    /// <summary>Takes the peer's answer to our offer; null if it has no MSRP stream we can use.</summary>
    public static LegMedia? Accept(LegMedia leg, ReadOnlyMemory<byte> answer, Facts facts) =>
        TryReadOffer(answer, facts, out _, out _, out var media)
            // RFC 4975 8.1: without a=setup the offerer connects, and that is us.
            ? Remote(leg, media) with { Connects = media.Setup is null or SetupRole.Passive }
            : null;

    /// <summary>Our answer to the peer's offer; null if it is not acceptable.</summary>
    /// <param name="alsoAccepted">Narrows the types to those another side takes too; empty: no further limit.</param>
    public static LegMedia? Answer(
        LegMedia leg, ReadOnlyMemory<byte> body, Facts facts, bool isGroup, LegMedia? alsoAccepted = null)
    {
        if (!TryReadOffer(body, facts, out var offer, out var index, out var offered))
            return null;

        // We are reached from outside: be passive unless the peer is.
        var connects = offered.Setup == SetupRole.Passive;
        var wrapped = CommonWrapped(offered, facts);
        var media = Local(leg, facts, isGroup) with
        {
            AcceptTypes = Narrowed(Types(offered, facts), alsoAccepted?.AcceptTypes),
            AcceptWrappedTypes = Narrowed(wrapped, alsoAccepted?.AcceptWrappedTypes),
            Setup = connects ? SetupRole.Active : SetupRole.Passive,
            Direction = Mirrored(offered.Direction),
        };
        var answer = SessionDescription.Answer(
            offer, leg.DescriptionId, leg.DescriptionVersion, facts.Operator.MsrpHost, index, media);
        return Remote(leg, offered) with
        {
            Connects = connects,
            Offer = body,
            LocalDescription = answer.ToBytes(),
        };
    }

    /// <summary>What a refusal tells the peer of our abilities, IM 7.2.1.2/6.</summary>
    public static byte[] Supported(Facts facts)
    {
        var media = new MsrpMedia
        {
            Port = facts.Operator.MsrpPort,
            // Where we are reached, without a session.
            Path = [new(facts.Operator.MsrpHost, facts.Operator.MsrpPort, sessionId: null)],
            AcceptTypes = OfferedTypes(facts),
            AcceptWrappedTypes = facts.Operator.AcceptWrappedTypes,
            MaxSize = facts.Operator.MaxMessageSize,
        };
        return SessionDescription.Offer(0, 0, facts.Operator.MsrpHost, media).ToBytes();
    }

    // The switch turns text into CPIM for who knows nothing else, and the other way round.
    private static ImmutableArray<string> Types(MsrpMedia offered, Facts facts)
    {
        var common = Common(offered.AcceptTypes, facts.Operator.AcceptTypes);
        return common.IsEmpty && facts.Operator.PlainTextClients ? Common(offered.AcceptTypes, [Text]) : common;
    }

    private static ImmutableArray<string> OfferedTypes(Facts facts)
    {
        var types = facts.Operator.AcceptTypes;
        return facts.Operator.PlainTextClients && Common([Text], types).IsEmpty ? types.Add(Text) : types;
    }

    /// <summary>RFC 4975 8.6: a peer without the attribute sets no limit to what is inside a container.</summary>
    public static ImmutableArray<string> CommonWrapped(MsrpMedia? offered, Facts facts) =>
        offered is null || offered.AcceptWrappedTypes.IsEmpty
            ? facts.Operator.AcceptWrappedTypes
            : Common(offered.AcceptWrappedTypes, facts.Operator.AcceptWrappedTypes);

    public static ImmutableArray<string> Common(ImmutableArray<string> theirs, ImmutableArray<string> ours) =>
        ours.Contains("*") ? theirs
        : theirs.Contains("*") ? ours
        : [.. ours.Where(type => theirs.Contains(type, StringComparer.OrdinalIgnoreCase))];

    private static ImmutableArray<string> Narrowed(ImmutableArray<string> types, ImmutableArray<string>? other)
    {
        if (other is not { IsEmpty: false } limit)
            return types;

        var common = Common(types, limit);
        return common.IsEmpty ? types : common;
    }

    // RFC 3264 6.1: what one side only sends the other only receives.
    private static MediaDirection Mirrored(MediaDirection theirs) => theirs switch
    {
        MediaDirection.SendOnly => MediaDirection.RecvOnly,
        MediaDirection.RecvOnly => MediaDirection.SendOnly,
        _ => theirs,
    };

    private static MsrpMedia Local(LegMedia leg, Facts facts, bool isGroup)
    {
        _ = MsrpUri.TryParse(leg.LocalUri, out var uri);
        return new()
        {
            Port = uri.EffectivePort,
            Path = [uri],
            MaxSize = facts.Operator.MaxMessageSize,
            ChatRoom = isGroup ? ChatRoomOf(leg, facts) : null,
        };
    }

    // RFC 7701 8: what is not allowed is not offered.
    private static ImmutableArray<string> ChatRoomOf(LegMedia leg, Facts facts)
    {
        ImmutableArray<string> nickname = facts.Operator.Nicknames ? [Nickname] : [];
        return leg.MayWritePrivately ? nickname.Add(PrivateMessages) : nickname;
    }

    /// <summary>The leg with what the peer has said of his side.</summary>
    public static LegMedia Remote(LegMedia leg, MsrpMedia media) => leg with
    {
        TakesPrivateMessages =
            media.ChatRoom?.Contains(PrivateMessages, StringComparer.OrdinalIgnoreCase) == true,
        RemotePath = [.. media.Path.Select(uri => uri.ToString())],
        AcceptTypes = media.AcceptTypes,
        AcceptWrappedTypes = media.AcceptWrappedTypes,
        MaxSize = media.MaxSize,
        Direction = media.Direction,
    };
}
