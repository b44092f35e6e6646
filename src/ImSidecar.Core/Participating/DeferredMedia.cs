using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>Offers and answers of sessions with the message store: what flows goes one way, RFC 4975 8.</summary>
internal static class DeferredMedia
{
    private const string Unsupported = "Only MSRP media in which messages go one way is supported";

    /// <summary>What a kept message may come as, App. D.2.</summary>
    private static readonly ImmutableArray<string> _forms =
        ["message/cpim", "message/sip", "message/sipfrag", "multipart/mixed"];

    private static readonly ImmutableArray<string> _wrapped =
        ["message/msrp", "message/sip", "message/sipfrag", "*"];

    /// <summary>Our offer to a user who is to get what was kept.</summary>
    public static LegMedia Offer(string name, Facts facts) =>
        Offer(MediaNegotiation.NewLeg(facts, name), ToUser(facts), facts);

    public static MediaTerms ToUser(Facts facts) =>
        new(IsDeposit: false, IsFocus: false, facts.Operator.MaxMessageSize);

    /// <summary>Our offer, also in the 200 to an INVITE without one.</summary>
    public static LegMedia Offer(LegMedia leg, MediaTerms terms, Facts facts)
    {
        var description = SessionDescription.Offer(
            leg.DescriptionId, leg.DescriptionVersion, facts.Operator.MsrpHost, Local(leg, terms, facts) with
            {
                IsCema = true,
                AcceptTypes = Types(offered: null, terms, facts),
                AcceptWrappedTypes = WrappedTypes(offered: null, terms, facts),
                Setup = SetupRole.ActPass,
                Direction = terms.IsDeposit ? MediaDirection.RecvOnly : MediaDirection.SendOnly,
            });
        return leg with { LocalDescription = description.ToBytes() };
    }

    /// <summary>Our answer to the peer's offer; null if it is not acceptable.</summary>
    public static LegMedia? Answer(LegMedia leg, ReadOnlyMemory<byte> body, MediaTerms terms, Facts facts)
    {
        if (!SessionDescription.TryParse(body.Span, out var offer)
            || !offer.TryFindMsrp(
                each => MediaTransport.Complaint(each, facts) is null, out var index, out var offered)
            || Types(offered, terms, facts) is not { IsEmpty: false } types)
            return null;

        var setup = MediaTransport.Answering(offered.Setup);
        leg = leg with { LocalUri = MediaTransport.Answering(leg.SessionId, offered, facts).ToString() };
        var answer = SessionDescription.Answer(
            offer, leg.DescriptionId, leg.DescriptionVersion, facts.Operator.MsrpHost, index,
            Local(leg, terms, facts) with
            {
                IsCema = offered.IsCema,
                AcceptTypes = types,
                AcceptWrappedTypes = WrappedTypes(offered, terms, facts),
                Setup = setup,
                Direction = terms.Answering(offered.Direction),
            });
        return MediaNegotiation.Remote(leg, offered, setup) with
        {
            Offer = body,
            LocalDescription = answer.ToBytes(),
        };
    }

    /// <summary>The user's answer to our offer; null if he takes no MSRP, or nothing.</summary>
    public static LegMedia? Accept(LegMedia leg, ReadOnlyMemory<byte> answer) =>
        Accept(leg, answer, new MediaTerms(IsDeposit: false, IsFocus: false, MaxSize: 0));

    /// <summary>The peer's answer to our offer; null if there is no MSRP in it, or nothing could flow.</summary>
    public static LegMedia? Accept(LegMedia leg, ReadOnlyMemory<byte> answer, MediaTerms terms) =>
        SessionDescription.TryParse(answer.Span, out var description)
            && description.TryFindMsrp(each => MediaTransport.Fits(leg, each), out _, out var media)
            && terms.Answering(media.Direction) != MediaDirection.Inactive
            ? MediaNegotiation.Answered(leg, media)
            : null;

    /// <summary>488 with a description of what we support.</summary>
    public static Respond NotAcceptable(
        ImRequest request, ReadOnlyMemory<byte>? offer, MediaTerms terms, Facts facts)
    {
        // Where we are reached, without a session.
        var supported = MediaTransport.Local(MediaTransport.Offering(sessionId: null, facts), facts) with
        {
            AcceptTypes = Types(offered: null, terms, facts),
            AcceptWrappedTypes = WrappedTypes(offered: null, terms, facts),
            MaxSize = terms.MaxSize,
            Direction = terms.IsDeposit ? MediaDirection.RecvOnly : MediaDirection.SendOnly,
        };
        return new(request.Transaction, SipStatus.NotAcceptableHere, Complaint(offer, facts))
        {
            Headers = SipHeaders.Of(("Content-Type", "application/sdp")),
            Body = SessionDescription.Offer(0, 0, facts.Operator.MsrpHost, supported).ToBytes(),
        };
    }

    private static string Complaint(ReadOnlyMemory<byte>? body, Facts facts) =>
        body is { } offer && SessionDescription.TryParse(offer.Span, out var description)
            && description.TryFindMsrp(out _, out var media)
            ? MediaTransport.Complaint(media, facts) ?? Unsupported
            : Unsupported;

    // What somebody leaves is kept as it is, so any type will do that he takes himself. What a conference may say the
    // operator decides.
    private static ImmutableArray<string> Types(MsrpMedia? offered, MediaTerms terms, Facts facts)
    {
        var ours = terms.IsDeposit ? facts.Operator.AcceptTypes : _forms;
        if (offered is null)
            return !terms.IsDeposit || terms.IsFocus ? ours : [.. ours.Union(["text/plain"])];

        var common = MediaNegotiation.Common(offered.AcceptTypes, ours);
        return !terms.IsDeposit || terms.IsFocus
            ? common
            : [.. common.Union(offered.AcceptTypes, StringComparer.OrdinalIgnoreCase)];
    }

    private static ImmutableArray<string> WrappedTypes(MsrpMedia? offered, MediaTerms terms, Facts facts) =>
        terms.IsDeposit ? MediaNegotiation.CommonWrapped(offered, facts) : _wrapped;

    private static MsrpMedia Local(LegMedia leg, MediaTerms terms, Facts facts) =>
        MediaTransport.Local(MediaTransport.UriOf(leg), facts) with { MaxSize = terms.MaxSize };
}
