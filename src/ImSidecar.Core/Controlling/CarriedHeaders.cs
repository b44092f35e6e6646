using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>What an inviter says of the session to all whom we invite for him; RFC 3261 20.36.</summary>
internal static class CarriedHeaders
{
    private const int MaxCarried = 1024;

    private static readonly ImmutableArray<string> _carried = ["Subject", "Contribution-ID"];

    private static readonly ImmutableArray<string> _carriedByMessages =
        [.. _carried, "Conversation-ID", "Priority", "In-Reply-To"];

    // By look-up, for Subject may come in its compact form. What is no text, or too long, is left out.
    public static ImmutableArray<SipHeader> Of(InviteRequest request, Facts facts) => Of(_carried, request, facts);

    /// <summary>What the sender of a message says of it to all who get it.</summary>
    public static ImmutableArray<SipHeader> OfMessage(MessageRequest request, Facts facts) =>
        Of(_carriedByMessages, request, facts);

    private static ImmutableArray<SipHeader> Of(ImmutableArray<string> names, ImRequest request, Facts facts) =>
    [
        .. from name in names let value = request.Headers.First(name)
            where value is { Length: <= MaxCarried } && !value.Any(char.IsControl)
            select new SipHeader(name, value),
        .. Charging.OfInvitations(request, facts),
    ];
}
