using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
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
        return new()
        {
            SessionId = sessionId,
            LocalUri = MediaTransport.Offering(sessionId, facts).ToString(),
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
            && offer.TryFindMsrp(
                each => HasCommonType(each, facts) && MediaTransport.Complaint(each, facts) is null,
                out index, out media);
    }

    /// <summary>What a refusal says is wrong with the offer.</summary>
    public static string Complaint(ReadOnlyMemory<byte>? body, Facts facts) =>
        body is { } offer && SessionDescription.TryParse(offer.Span, out var description)
            && description.TryFindMsrp(each => HasCommonType(each, facts), out _, out var media)
            ? MediaTransport.Complaint(media, facts) ?? Unsupported
            : Unsupported;

    /// <summary>Our offer: to an invitee, or in the 200 to an INVITE without one.</summary>
    public static LegMedia Offer(LegMedia leg, Facts facts, ImmutableArray<string> wrappedTypes, bool isGroup)
    {
        var media = Local(leg, facts, isGroup) with
        {
            AcceptTypes = OfferedTypes(facts),
            AcceptWrappedTypes = wrappedTypes,
            Setup = SetupRole.ActPass,
            IsCema = true,
        };
        var description = SessionDescription.Offer(
            leg.DescriptionId, leg.DescriptionVersion, facts.Operator.MsrpHost, media);
        return leg with { LocalDescription = description.ToBytes() };
    }

    /// <summary>Our last description once more as an offer that leaves open who connects, RFC 3264 8.</summary>
    public static LegMedia OfferAgain(LegMedia leg, Facts facts)
    {
        var version = leg.DescriptionVersion + 1;
        _ = SessionDescription.TryParse(leg.LocalDescription.Span, out var last);
        var offer = last.WithVersion(version).WithSetup(SetupRole.ActPass);
        var here = MediaTransport.UriOf(leg);
        if (last.TryFindMsrp(out _, out var said) && !said.Path[0].Equals(here))
            offer = offer.WithPath(here);

        // Our certificate may be another one by now.
        if (!MediaTransport.Local(here, facts).Fingerprints.IsEmpty)
            offer = offer.WithFingerprint(facts.SecureMedia!.Fingerprint);
        return leg with { DescriptionVersion = version, LocalDescription = offer.ToBytes() };
    }

    /// <summary>Takes the peer's answer to our offer; null if it has no MSRP stream we can use.</summary>
    public static LegMedia? Accept(LegMedia leg, ReadOnlyMemory<byte> answer, Facts facts) =>
        SessionDescription.TryParse(answer.Span, out var description)
            && description.TryFindMsrp(
                each => HasCommonType(each, facts) && MediaTransport.Fits(leg, each), out _, out var media)
            ? Answered(leg, media)
            : null;

    /// <summary>The leg with the peer's answer to our offer.</summary>
    public static LegMedia Answered(LegMedia leg, MsrpMedia media) => Remote(leg, media, media.Setup switch
    {
        // RFC 4975 8.1: without a=setup the offerer connects, and that is us.
        null or SetupRole.Passive => SetupRole.Active,
        SetupRole.HoldConn => SetupRole.HoldConn,
        _ => SetupRole.Passive,
    });

    /// <summary>Our answer to the peer's offer; null if it is not acceptable.</summary>
    /// <param name="alsoAccepted">Narrows the types to those another side takes too; empty: no further limit.</param>
    public static LegMedia? Answer(
        LegMedia leg, ReadOnlyMemory<byte> body, Facts facts, bool isGroup, LegMedia? alsoAccepted = null)
    {
        if (!TryReadOffer(body, facts, out var offer, out var index, out var offered))
            return null;

        var setup = MediaTransport.Answering(offered.Setup);
        leg = leg with { LocalUri = MediaTransport.Answering(leg.SessionId, offered, facts).ToString() };
        var wrapped = CommonWrapped(offered, facts);
        var media = Local(leg, facts, isGroup) with
        {
            AcceptTypes = Narrowed(Types(offered, facts), alsoAccepted?.AcceptTypes),
            AcceptWrappedTypes = Narrowed(wrapped, alsoAccepted?.AcceptWrappedTypes),
            Setup = setup,
            IsCema = offered.IsCema,
            Direction = Mirrored(offered.Direction),
        };
        var answer = SessionDescription.Answer(
            offer, leg.DescriptionId, leg.DescriptionVersion, facts.Operator.MsrpHost, index, media);
        return Remote(leg, offered, setup) with
        {
            Offer = body,
            LocalDescription = answer.ToBytes(),
        };
    }

    /// <summary>What a refusal tells the peer of our abilities, IM 7.2.1.2/6.</summary>
    public static byte[] Supported(Facts facts)
    {
        // Where we are reached, without a session.
        var media = MediaTransport.Local(MediaTransport.Offering(sessionId: null, facts), facts) with
        {
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

    private static bool HasCommonType(MsrpMedia media, Facts facts) => !Types(media, facts).IsEmpty;

    private static MsrpMedia Local(LegMedia leg, Facts facts, bool isGroup) =>
        MediaTransport.Local(MediaTransport.UriOf(leg), facts) with
        {
            MaxSize = facts.Operator.MaxMessageSize,
            ChatRoom = isGroup ? ChatRoomOf(leg, facts) : null,
        };

    // RFC 7701 8: what is not allowed is not offered.
    private static ImmutableArray<string> ChatRoomOf(LegMedia leg, Facts facts)
    {
        ImmutableArray<string> nickname = facts.Operator.Nicknames ? [Nickname] : [];
        return leg.MayWritePrivately ? nickname.Add(PrivateMessages) : nickname;
    }

    /// <summary>The leg with what the peer has said of his side.</summary>
    /// <param name="ours">What we say a=setup is, or would.</param>
    public static LegMedia Remote(LegMedia leg, MsrpMedia media, SetupRole ours) =>
        MediaTransport.Remote(leg, media, ours) with
        {
            TakesPrivateMessages =
            media.ChatRoom?.Contains(PrivateMessages, StringComparer.OrdinalIgnoreCase) == true,
            AcceptTypes = media.AcceptTypes,
            AcceptWrappedTypes = media.AcceptWrappedTypes,
            MaxSize = media.MaxSize,
            Direction = media.Direction,
        };
}
